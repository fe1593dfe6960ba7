include { command; stub_command } from '../lib/sessions'

process TRAIN_RNN {
    tag "${ses.id}"
    publishDir { "${params.out}/${ses.id}/reports" }, mode: 'copy'

    input:
    tuple val(ses), path('reduce_pca.json'), val(settings)

    output:
    tuple val(ses), path('train_rnn.json')

    script:
    command('train_rnn', ses, task.cpus)

    stub:
    stub_command('train_rnn', ses)
}
