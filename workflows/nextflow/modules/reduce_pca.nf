include { command; stub_command } from '../lib/sessions'

process REDUCE_PCA {
    tag "${ses.id}"
    publishDir { "${params.out}/${ses.id}/reports" }, mode: 'copy'

    input:
    tuple val(ses), path('extract_bins.json'), val(settings)

    output:
    tuple val(ses), path('reduce_pca.json')

    script:
    command('reduce_pca', ses, task.cpus)

    stub:
    stub_command('reduce_pca', ses)
}
