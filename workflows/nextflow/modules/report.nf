process REPORT {
    publishDir "${params.out}", mode: 'copy'

    input:
    path reports, stageAs: 'infer_write*.json'

    output:
    path 'report.tsv'

    script:
    '''
    jq -r -s '
        [.[].sessions[] | .session as $session | .outputs[0].content_digest as $rates | .metrics // {} | to_entries[]
         | {session: $session, fit: .key} + .value + {rates: $rates}] | sort_by(.session, .fit)
        | (reduce (.[] | keys_unsorted[]) as $name ([]; if index($name) then . else . + [$name] end)) as $columns
        | $columns, (.[] | [.[$columns[]]]) | @tsv' infer_write*.json >report.tsv
    '''

    stub:
    'touch report.tsv'
}
