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

// {id: what extract_bins --list-sessions tells of the session}. What is wrong with the list or the settings ends the
// workflow as it would end the program.
@Memoized
def sessions() {
    def out = new StringBuilder(), err = new StringBuilder()
    def process = ['extract_bins', '--list-sessions', '--json', '--manifest', path_of(params.manifest), '-c',
                   path_of(params.settings), '-o', path_of(params.out)].execute()
    process.waitForProcessOutput(out, err)
    if (process.exitValue() != 0) exit process.exitValue(), err.toString().trim()
    new JsonSlurper().parseText(out.toString()).sessions.collectEntries { [it.session, it] }
}

// For the first stage: each session (named `ses`, as `session` means something else to Nextflow) and, so that a
// recording that changed is looked at again, its size and time of change. What stands in `ses` is watched too.
def recordings() {
    sessions().values().collect { one ->
        def h5 = new File(one.recording)
        [[id: one.session, path: one.source, recording: one.recording], "${h5.length()} ${h5.lastModified()}".toString()]
    }
}

// Adds to each item, [session, ...], the settings that the stage's results depend on: where they change, Nextflow runs
// the stage again.
def with_settings(stage, items) {
    items.map { it + [sessions()[it[0].id].settings[stage]] }
}

// A file's name is no pattern, whatever letters are in it.
def path_of(name) {
    file(name, glob: false).toString()
}

def quoted(text) {
    "'" + text.toString().replace("'", "'\\''") + "'"
}

// The report says what there is now, not whether it was made by this run, so that what follows is not run for that.
def command(stage, ses, threads) {
    """
    ${stage} --manifest <(printf %s ${quoted(sessions()[ses.id].manifest)}) -c ${quoted(path_of(params.settings))} \\
        -o ${quoted(path_of(params.out))} --threads ${threads} --wait --json >report.json
    jq '{stage, sessions: [.sessions[] | {session, verdict, verdicts, metrics, outputs: [.outputs[] | {path, content_digest}]}]}' \\
        report.json >${stage}.json
    """
}

def stub_command(stage, ses) {
    """
    echo '{"stage": "${stage}", "sessions": []}' >${stage}.json
    """
}
