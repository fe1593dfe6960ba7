// The five stages for each session of a manifest, and a table of all scores.
//
//   nextflow run workflows/nextflow -profile local --manifest sessions.tsv --settings settings.toml --out results
//
// A session's results lie in OUT/SESSION, where the stages themselves go on from checkpoints and replace files in one
// go. From stage to stage travel the stages' reports, which name the results and their digests.
nextflow.enable.dsl = 2

include { sessions; settings_of; check_parameters } from './lib/sessions'
include { EXTRACT_BINS } from './modules/extract_bins'
include { REDUCE_PCA   } from './modules/reduce_pca'
include { TRAIN_RNN    } from './modules/train_rnn'
include { INFER_WRITE  } from './modules/infer_write'
include { PLOT_RATES   } from './modules/plot_rates'
include { REPORT       } from './modules/report'

workflow {
    check_parameters()
    recordings = Channel.fromList(sessions())
    bins   = EXTRACT_BINS(recordings, settings_of('extract_bins'))
    pca    = REDUCE_PCA(bins, settings_of('reduce_pca'))
    models = TRAIN_RNN(pca, settings_of('train_rnn'))
    rates  = INFER_WRITE(models, settings_of('infer_write'))
    plots  = PLOT_RATES(rates, settings_of('plot_rates'))
    // Only where no session failed.
    REPORT(rates.join(plots).map { ses, scores, pictures -> scores }.collect().filter { it.size() == sessions().size() })
}
