# From the reports of infer_write (jq -rsf report.jq FILE...) a table with one row per session and fit: its verdict, scores, and the
# digest of the session's rates. A session's own row holds its leak test too.
[.[].sessions[] | .session as $session | .outputs[0].content_digest as $rates
 | ((.verdicts // {}) + {session: {verdict}}) as $verdicts
 | (.metrics // {}) | .session += .leak_test | del(.leak_test) | to_entries[]
 | {session: $session, fit: .key, verdict: $verdicts[.key].verdict} + .value + {rates: $rates}] | sort_by(.session, .fit)
| (reduce (.[] | keys_unsorted[]) as $name ([]; if index($name) then . else . + [$name] end) - ["rates"] + ["rates"]) as $columns
| $columns, (.[] | [.[$columns[]]]) | @tsv
