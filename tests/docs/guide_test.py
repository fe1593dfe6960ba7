"""The commands of the guide's other pages run."""
import os
import unittest.mock

import doc_blocks
import pipeline

DOCS = pipeline.SOURCE / "docs"


class Guide(pipeline.PipelineTest):
    def test_first_session(self):
        doc_blocks.prepare(self.folder)
        (self.folder / "my_session").rename(self.folder / "unused")
        self.assertEqual(doc_blocks.run(DOCS / "first_session.md", self.folder), 2)

    def test_figures(self):
        doc_blocks.prepare(self.folder)
        for stage in pipeline.STAGES:
            self.run_ok(stage, self.folder / "my_session", "--set", "train.steps=20", "--set", "infer.combine_with=[]")
        self.assertEqual(doc_blocks.run(DOCS / "figures.md", self.folder), 2)
        print_folder = self.folder / "my_session/rnn_output/plots/print"
        self.assertEqual(sorted(path.name for path in print_folder.rglob("*.*")),
                         ["mean_rates_region_all.svg", "region_all_unit_031.pdf"])

    def test_compared_with_python(self):
        doc_blocks.prepare(self.folder)
        (self.folder / "scripts").symlink_to(pipeline.SOURCE / "scripts")
        with unittest.mock.patch.dict(os.environ, {"RNN_RATES_BIN": str(pipeline.BIN)}):
            self.assertEqual(doc_blocks.run(DOCS / "compared_with_python.md", self.folder), 1)


if __name__ == "__main__":
    pipeline.main()
