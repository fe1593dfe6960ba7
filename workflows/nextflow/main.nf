// The five stages for each session of a manifest, and a table of all scores.
//
//   nextflow run workflows/nextflow -profile local --manifest sessions.tsv --settings settings.toml --out results
//
// A session's results lie in OUT/SESSION, where the stages themselves go on from checkpoints and replace files in one
// go. From stage to stage travel the stages' reports, which name the results and their digests.
nextflow.enable.dsl = 2

include { check_parameters; recordings; sessions; with_settings } from './lib/sessions'
include { EXTRACT_BINS } from './modules/extract_bins'
include { REDUCE_PCA   } from './modules/reduce_pca'
include { TRAIN_RNN    } from './modules/train_rnn'
include { INFER_WRITE  } from './modules/infer_write'
include { PLOT_RATES   } from './modules/plot_rates'
include { REPORT       } from './modules/report'

workflow {
    check_parameters()
    bins   = EXTRACT_BINS(with_settings('extract_bins', Channel.fromList(recordings())))
    pca    = REDUCE_PCA(with_settings('reduce_pca', bins))
    models = TRAIN_RNN(with_settings('train_rnn', pca))
    rates  = INFER_WRITE(with_settings('infer_write', models))
    plots  = PLOT_RATES(with_settings('plot_rates', rates))
    // Only where no session failed.
    scores = rates.join(plots).map { ses, rates_report, plots_report -> rates_report }.collect()
    REPORT(scores.filter { it.size() == sessions().size() }, file("${projectDir}/../report.jq", glob: false))
}
