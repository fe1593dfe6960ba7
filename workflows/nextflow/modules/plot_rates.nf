include { command; stub_command } from '../lib/sessions'

process PLOT_RATES {
    tag "${ses.id}"
    publishDir { "${params.out}/${ses.id}/reports" }, mode: 'copy'

    input:
    tuple val(ses), path('infer_write.json'), val(settings)

    output:
    tuple val(ses), path('plot_rates.json')

    script:
    command('plot_rates', ses, task.cpus)

    stub:
    stub_command('plot_rates', ses)
}
