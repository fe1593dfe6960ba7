"""Every command and snippet of README.md, then of docs/running.md, run in order as a reader would."""
import doc_blocks
import pipeline

# These install and build; quickstart_test.py runs the first two, and the last is what runs this test.
RUN_ELSEWHERE = {"bash scripts/quickstart.sh\n", "bash scripts/quickstart.sh own.h5", "bash scripts/test.sh\n"}


class Readme(pipeline.PipelineTest):
    def test_commands_and_snippets_work(self):
        doc_blocks.prepare(self.folder)
        self.assertGreaterEqual(doc_blocks.run(pipeline.SOURCE / "README.md", self.folder, skip=RUN_ELSEWHERE), 3)
        self.assertGreaterEqual(doc_blocks.run(pipeline.SOURCE / "docs/running.md", self.folder), 3)


if __name__ == "__main__":
    pipeline.main()
