import os
from pathlib import Path

import pytest

from keys.errors import RootKeyError
from keys.ring import KeyRing, RootKey, create_root_key, new_branch_keys

KEY = bytes(range(32))


def key_file(folder: Path, content: bytes, mode: int = 0o600) -> Path:
    path = folder / "root.key"
    path.write_bytes(content)
    path.chmod(mode)
    return path


def read(path: Path) -> RootKey:
    return RootKey.from_spec(f"file:{path}")


def test_a_new_root_key_is_random_private_and_opens_what_it_wrapped(tmp_path: Path) -> None:
    one, two = tmp_path / "keys" / "one.key", tmp_path / "keys" / "two.key"
    create_root_key(one)
    create_root_key(two)
    assert one.stat().st_mode & 0o777 == 0o600
    assert one.parent.stat().st_mode & 0o077 == 0
    assert one.read_bytes() != two.read_bytes()
    KeyRing.open(read(one), "lujiang", new_branch_keys(read(one), "lujiang"))


def test_a_root_key_is_private_under_any_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        create_root_key(tmp_path / "root.key")
    finally:
        os.umask(before)
    assert (tmp_path / "root.key").stat().st_mode & 0o777 == 0o600


def test_a_root_key_is_never_overwritten(tmp_path: Path) -> None:
    path = key_file(tmp_path, KEY)
    with pytest.raises(RootKeyError, match="never overwritten"):
        create_root_key(path)
    assert path.read_bytes() == KEY


def test_a_root_key_is_not_written_through_a_symbolic_link(tmp_path: Path) -> None:
    link = tmp_path / "root.key"
    link.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RootKeyError):
        create_root_key(link)
    assert not (tmp_path / "elsewhere").exists()


def test_a_root_key_needs_a_folder(tmp_path: Path) -> None:
    file = key_file(tmp_path, b"")
    with pytest.raises(RootKeyError, match="choose another path"):
        create_root_key(file / "root.key")


def test_a_root_key_that_could_not_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    def full(_: int) -> bytes:
        raise OSError(28, "No space left on device")

    with pytest.raises(RootKeyError, match="No space left"):
        create_root_key(tmp_path / "root.key", random=full)
    assert not (tmp_path / "root.key").exists()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(KEY, id="raw"),
        pytest.param(KEY.hex().encode(), id="hex"),
        pytest.param(KEY.hex().upper().encode() + b"\n", id="hex in capitals with a line end"),
    ],
)
def test_each_way_to_write_a_key_gives_the_same_key(tmp_path: Path, content: bytes) -> None:
    rows = new_branch_keys(RootKey(KEY), "lujiang")
    KeyRing.open(read(key_file(tmp_path, content)), "lujiang", rows)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(KEY[:-1], id="31 bytes"),
        pytest.param(KEY + b"\n", id="33 bytes: raw with a line end"),
        pytest.param(KEY.hex().encode()[:-1], id="63 digits"),
        pytest.param(KEY.hex().encode() + b"0", id="65 digits"),
        pytest.param(KEY.hex().encode() + b"\n\n", id="two line ends"),
        pytest.param(b"g" * 64, id="64 letters that are no hex"),
        pytest.param(b"\xff" * 64, id="64 bytes that are no text"),
        pytest.param(b"ab " * 21 + b"a", id="hex with blanks"),
    ],
)
def test_a_file_that_holds_no_key_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(RootKeyError, match="doesn't hold 32 bytes"):
        read(key_file(tmp_path, content))


def test_a_key_of_one_repeated_byte_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RootKeyError, match="repeated"):
        read(key_file(tmp_path, bytes(32)))


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_root_key_has_32_bytes(length: int) -> None:
    with pytest.raises(RootKeyError, match="32 bytes"):
        RootKey(KEY[:length] + KEY[: max(0, length - 32)])


@pytest.mark.parametrize("mode", [0o640, 0o620, 0o610, 0o604, 0o602, 0o601, 0o666])
def test_a_file_open_to_others_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(RootKeyError, match="chmod 600"):
        read(key_file(tmp_path, KEY, mode))


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_file_of_its_owner_alone_is_read(tmp_path: Path, mode: int) -> None:
    read(key_file(tmp_path, KEY, mode))


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(RootKeyError, match="doesn't exist: restore"):
        read(tmp_path / "root.key")


def test_a_symbolic_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(key_file(tmp_path, KEY))
    with pytest.raises(RootKeyError, match="symbolic link"):
        read(tmp_path / "link")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RootKeyError, match="isn't a regular file"):
        read(tmp_path)


def test_a_pipe_is_refused_without_waiting_for_a_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "root.key", 0o600)
    with pytest.raises(RootKeyError, match="isn't a regular file"):
        read(tmp_path / "root.key")


def test_a_file_under_a_file_can_not_be_read(tmp_path: Path) -> None:
    with pytest.raises(RootKeyError, match="can't be read"):
        read(key_file(tmp_path, KEY) / "root.key")


@pytest.mark.parametrize("spec", ["", "file", "file:", "env:KEY", "FILE:x", KEY.hex()])
def test_another_setting_is_refused_and_not_shown(spec: str) -> None:
    with pytest.raises(RootKeyError, match="named by file:") as caught:
        RootKey.from_spec(spec)
    assert KEY.hex() not in str(caught.value)


def test_a_root_key_does_not_show_itself() -> None:
    assert repr(RootKey(KEY)) == "RootKey(redacted)"
