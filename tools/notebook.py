"""A hook of mkdocs: each notebook among the pages (`docs/*.py`, jupytext's percent format) is run.

From the top, in a folder that is thrown away, and the page has what it prints and draws. A cell
that fails fails the build. What comes out is Markdown: the page has the look of the others, its
links are checked like theirs, and it asks no other host for anything.
"""

import re
from tempfile import TemporaryDirectory

import jupytext
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from nbclient import NotebookClient
from nbconvert import MarkdownExporter

_SECONDS = 1800  # of one cell: networks are trained in one
_HEAD = "---\nhide: [navigation]\n---\n"  # wide figures need the room
_DRAWN = re.compile(r"!\[png\]\((.+)\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Put a page beside each notebook; the notebook itself stays, to be downloaded."""
    for source in [file for file in files if file.src_uri.endswith(".py")]:
        name = source.src_uri.removesuffix(".py")
        body, drawn = _page(source.content_string, name)
        files.append(File.generated(config, f"{name}.md", content=body))
        for path, picture in drawn.items():
            files.append(File.generated(config, path, content=picture))
    return files


def _page(source: str, name: str) -> tuple[str, dict[str, bytes]]:
    """The notebook as Markdown, and its figures by their paths."""
    notebook = jupytext.reads(source, "py:percent")
    with TemporaryDirectory() as folder:
        NotebookClient(
            notebook,
            timeout=_SECONDS,
            kernel_name="python3",
            resources={"metadata": {"path": folder}},
            coalesce_streams=True,
            # It would warn that it talks in plain text, with this process on this machine.
            extra_arguments=["--IPKernelApp.log_level=ERROR"],
        ).execute()
    body, resources = MarkdownExporter().from_notebook_node(
        notebook, {"unique_key": name, "output_files_dir": f"{name}_files"}
    )
    body = _DRAWN.sub(r"[![What this cell draws](\1)](\1)", body)  # a click shows it in full size
    return _HEAD + body, resources["outputs"]
