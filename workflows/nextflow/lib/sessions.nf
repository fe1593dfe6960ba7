import groovy.json.JsonSlurper
import groovy.transform.Memoized

// What the workflow's parameters may be stands in nextflow_schema.json.
def check_parameters() {
    def schema = new JsonSlurper().parse(file("${projectDir}/nextflow_schema.json").toFile())
    def unknown = params.keySet() - schema.properties.keySet()
    if (unknown) error "unknown parameter --${unknown.join(', --')}: there are --${schema.properties.keySet().join(', --')}"
    schema.required.each { name ->
        if (!params[name]) error "parameter --${name} is missing: ${schema.properties[name].description}"
    }
    params.each { name, value ->
        if (!(value instanceof CharSequence)) error "parameter --${name}: ${value} is no ${schema.properties[name].type}"
    }
}

// The sessions of the manifest, read as the stages read it: id, path, the .h5 file and the session's own settings.
@Memoized
def sessions() {
    def manifest = file(params.manifest, checkIfExists: true)
    def rows = manifest.readLines().findAll { it.trim() && !it.trim().startsWith('#') }
                       .collect { line -> line.split('\t', -1).collect { it.trim() } }
    def columns = ['path', 'id']
    if (rows && rows[0][0] == 'path' && rows[0].every { it ==~ /[a-z0-9_.]+/ }) columns = rows.remove(0)
    if (!rows) error "${params.manifest}: names no session"
    def all = rows.collect { row ->
        if (row.size() > columns.size()) error "${params.manifest}: ${row}: expected at most ${columns.join(', ')}"
        def cells = [columns.take(row.size()), row].transpose().findAll { name, cell -> cell }.collectEntries()
        if (!cells.path) error "${params.manifest}: ${row}: no path"
        def where = manifest.parent.resolve(cells.path).normalize()
        def id = cells.id ?: (where.name.endsWith('.h5') && !where.isDirectory() ? where.baseName : where.name)
        if (id.contains('/') || id in ['.', '..']) error "${params.manifest}: the id '${id}' cannot be a folder's name"
        def own = cells.findAll { name, cell -> !(name in ['path', 'id']) }.collect { name, cell -> "${name}=${cell}".toString() }
        [id: id, path: where.toString(), recording: recording_of(where).toString(), own_settings: own]
    }
    def twice = all.countBy { it.id }.findAll { it.value > 1 }
    if (twice) error "${params.manifest}: several sessions are called '${twice.keySet()[0]}': give them ids, in a second column"
    all
}

// For the first stage: each session (named `ses`, as `session` means something else to Nextflow) and, so that a
// recording that changed is looked at again, its size and time of change. What stands in `ses` is watched too.
def recordings() {
    sessions().collect { one ->
        def h5 = new File(one.recording)
        [one.subMap(['id', 'path', 'recording']), "${h5.length()} ${h5.lastModified()}".toString()]
    }
}

def recording_of(where) {
    if (!where.isDirectory()) return where
    def own = where.resolve("${where.name}.h5")
    if (own.exists()) return own
    def others = where.listFiles().findAll { it.name.endsWith('.h5') }.sort { it.name }
    others ? others[0] : own
}

def set_flags(id) {
    sessions().find { it.id == id }.own_settings.collectMany { ['--set', it] }
}

// Adds to each item, [session, ...], the settings that the stage's results depend on: where they change, Nextflow runs
// the stage again.
def with_settings(stage, items) {
    items.map { it + [settings_text(stage, set_flags(it[0].id))] }
}

@Memoized
def settings_text(stage, flags) {
    def out = new StringBuilder(), err = new StringBuilder()
    def process = ([stage, '-c', settings_file()] + flags + ['--print-config', '--json']).execute()
    process.waitForProcessOutput(out, err)
    if (process.exitValue() != 0) error err.toString()
    new JsonSlurper().parseText(out.toString()).settings
}

def settings_file() {
    file(params.settings, checkIfExists: true).toString()
}

def quoted(text) {
    "'" + text.toString().replace("'", "'\\''") + "'"
}

// The report says what there is now, not whether it was made by this run, so that what follows is not run for that.
def command(stage, ses, threads) {
    """
    ${stage} --manifest <(echo ${quoted(ses.path + '\t' + ses.id)}) -c ${quoted(settings_file())} \\
        ${set_flags(ses.id).collect { quoted(it) }.join(' ')} -o ${quoted(file(params.out))} \\
        --threads ${threads} --wait --json >report.json
    jq '{stage, sessions: [.sessions[] | {session, metrics, outputs: [.outputs[] | {path, content_digest}]}]}' \\
        report.json >${stage}.json
    """
}

def stub_command(stage, ses) {
    """
    echo '{"stage": "${stage}", "sessions": []}' >${stage}.json
    """
}
