import pytest

from box import Box


@pytest.fixture
def bare_box(tmp_path):
    """A box that has a configuration and a price book, and has not been started."""
    box = Box(tmp_path)
    yield box
    box.close()


@pytest.fixture
def box(bare_box):
    """A box at work: book imported, both scanners plugged in."""
    bare_box.tillctl("import", bare_box.book)
    for scanner in bare_box.scanners:
        scanner.plug()
    return bare_box.start()
