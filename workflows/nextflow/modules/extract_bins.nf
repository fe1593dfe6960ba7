include { command; stub_command } from '../lib/sessions'

process EXTRACT_BINS {
    tag "${ses.id}"
    publishDir { "${params.out}/${ses.id}/reports" }, mode: 'copy'

    input:
    tuple val(ses), val(recording_stamp), val(settings)

    output:
    tuple val(ses), path('extract_bins.json')

    script:
    command('extract_bins', ses, task.cpus)

    stub:
    stub_command('extract_bins', ses)
}
