include { command; stub_command } from '../lib/sessions'

process INFER_WRITE {
    tag "${ses.id}"
    publishDir { "${params.out}/${ses.id}/reports" }, mode: 'copy'

    input:
    tuple val(ses), path('train_rnn.json'), val(settings)

    output:
    tuple val(ses), path('infer_write.json')

    script:
    command('infer_write', ses, task.cpus)

    stub:
    stub_command('infer_write', ses)
}
