#!/usr/bin/env bash
# Puts Snakemake (from PyPI) and Nextflow (from Maven Central) into build/workflow_tools, where the tests of workflows/
# look for them. Does nothing where they are there; says so and goes on where one cannot be had, and its tests are
# then skipped.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
tools=$root/build/workflow_tools
mkdir -p "$tools/bin"

snakemake() {
  local lists=$root/workflows/snakemake
  if cmp -s "$lists/constraints.txt" "$tools/snakemake/constraints.txt" &&
    cmp -s "$lists/requirements.txt" "$tools/snakemake/requirements.txt"; then return; fi
  echo "Installing Snakemake into $tools"
  rm -rf "$tools/snakemake"
  /usr/bin/python3 -m venv "$tools/snakemake" &&
    "$tools/snakemake/bin/pip" install -q -r "$lists/requirements.txt" -c "$lists/constraints.txt" &&
    ln -sfn ../snakemake/bin/snakemake "$tools/bin/snakemake" &&
    cp "$lists/requirements.txt" "$lists/constraints.txt" "$tools/snakemake/"
}

nextflow() {
  local wanted=$root/workflows/nextflow/pom.xml
  if ! cmp -s "$wanted" "$tools/nextflow/pom.xml"; then
    echo "Installing Nextflow into $tools"
    rm -rf "$tools/nextflow"
    mvn -q -B -f "$wanted" dependency:copy-dependencies -DoutputDirectory="$tools/nextflow/lib" &&
      cp "$wanted" "$tools/nextflow/" || return 1
  fi
  cat >"$tools/bin/nextflow" <<'SCRIPT'
#!/usr/bin/env bash
# Nextflow's own launcher downloads itself; this one runs what lies beside it, and nothing else.
tools=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
export NXF_OFFLINE=true NXF_DISABLE_CHECK_LATEST=true
# Without these, Java 17 keeps Nextflow from writing its cache, and nothing says so.
opens=()
for package in java.lang java.io java.nio java.nio.file.spi java.net java.util java.util.concurrent.locks \
  java.util.concurrent.atomic java.util.regex sun.nio.ch sun.nio.fs sun.net.www.protocol.file jdk.internal.misc; do
  opens+=("--add-opens=java.base/$package=ALL-UNNAMED")
done
# shellcheck disable=SC2086 # NXF_OPTS holds several words.
exec java "${opens[@]}" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 ${NXF_OPTS:-} -cp "$tools/nextflow/lib/*" nextflow.cli.Launcher "$@"
SCRIPT
  chmod +x "$tools/bin/nextflow"
}

snakemake || echo "install_workflow_tools.sh: no Snakemake; its tests will be skipped" >&2
nextflow || echo "install_workflow_tools.sh: no Nextflow; its tests will be skipped" >&2
