import groovy.json.JsonSlurper

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

// The sessions of the manifest, read as the stages read it: [session, the size and time of change of its recording].
def sessions() {
    def manifest = file(params.manifest, checkIfExists: true)
    def rows = manifest.readLines().findAll { it.trim() && !it.trim().startsWith('#') }
                       .collect { line -> line.split('\t', -1).collect { it.trim() } }
    if (rows && rows[0] in [['path'], ['path', 'id']]) rows.remove(0)
    if (!rows) error "${params.manifest}: names no session"
    def all = rows.collect { row ->
        if (row.size() > 2 || !row[0]) error "${params.manifest}: '${row.join('\t')}': expected path and, after a tab, id"
        def where = manifest.parent.resolve(row[0]).normalize()
        def id = row[1] ?: (where.name.endsWith('.h5') && !where.isDirectory() ? where.baseName : where.name)
        if (id.contains('/') || id in ['.', '..']) error "${params.manifest}: the id '${id}' cannot be a folder's name"
        [id: id, path: where.toString(), recording: recording_of(where).toString()]
    }
    def twice = all.countBy { it.id }.findAll { it.value > 1 }
    if (twice) error "${params.manifest}: several sessions are called '${twice.keySet()[0]}': give them ids, in a second column"
    all.collect { ses -> def h5 = new File(ses.recording); [ses, "${h5.length()} ${h5.lastModified()}"] }
}

def recording_of(where) {
    if (!where.isDirectory()) return where
    def own = where.resolve("${where.name}.h5")
    if (own.exists()) return own
    def others = where.listFiles().findAll { it.name.endsWith('.h5') }.sort { it.name }
    others ? others[0] : own
}

// The settings that a stage's results depend on: where this text changes, Nextflow runs the stage again.
def settings_of(stage) {
    def out = new StringBuilder(), err = new StringBuilder()
    def process = [stage, '-c', settings_file(), '--print-config', '--json'].execute()
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
        -o ${quoted(file(params.out))} --threads ${threads} --wait --json >report.json
    jq 'del(.sessions[].outputs[].status)' report.json >${stage}.json
    """
}

def stub_command(stage, ses) {
    """
    echo '{"stage": "${stage}", "sessions": []}' >${stage}.json
    """
}
