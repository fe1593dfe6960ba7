# From the reports of infer_write (jq -rsf report.jq FILE...) a table with one row per session and fit: its scores, and the
# digest of the session's rates.
[.[].sessions[] | .session as $session | .outputs[0].content_digest as $rates | .metrics // {} | to_entries[]
 | {session: $session, fit: .key} + .value + {rates: $rates}] | sort_by(.session, .fit)
| (reduce (.[] | keys_unsorted[]) as $name ([]; if index($name) then . else . + [$name] end)) as $columns
| $columns, (.[] | [.[$columns[]]]) | @tsv
