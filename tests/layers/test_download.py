"""A download survives whatever the way does to it, or says in words why it cannot."""

from __future__ import annotations

import hashlib
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from fault_server import Change, Corrupt, Drop, FaultServer, Html, NoRange, NoTag, Redirect, Slow, Status, Truncated

from gis.errors import InputError, VallesError
from layers.transfer.download import download
from layers.transfer.web_client import AT_ONCE, Patience, WebClient
from layers.transfer.web_errors import RefusedError, UnexpectedContentError, UnreachableError

pytestmark = pytest.mark.network

DATA = random.Random(5).randbytes(300_000)  # noqa: S311  bytes to send, not a secret
OTHER = random.Random(6).randbytes(300_000)  # noqa: S311  as above
SUM = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def client() -> WebClient:
    return WebClient(Patience(backoff_s=0.001, read_s=0.3, retry_after_most_s=1, attempts=4))


def _parts(error: pytest.ExceptionInfo[VallesError]) -> str:
    """Return what the user reads, and refuse an error without advice."""
    assert error.value.found
    assert error.value.expected
    assert error.value.remedy
    return error.value.found


@pytest.mark.parametrize(
    "faults",
    [
        (),
        (Drop(after=100_000), Drop(after=50_000), Drop(after=1)),
        (Drop(after=0), Drop(after=0), Drop(after=0)),
        (Status(500), Status(503), Status(502)),
        (Status(429, retry_after="1"),),
        (Status(429, retry_after="86400"),),
        (Slow(before_s=0.05, between_s=0.001),),
        (Slow(before_s=0.6),),
        (Truncated(length=1000),),
        (Corrupt(at=17),),
        (Redirect(to="copia/datos.bin"),),
        (NoRange(), Drop(after=100_000)),
        (NoTag(), Drop(after=100_000)),
    ],
    ids=str,
)
def test_the_file_arrives_whole_whatever_happened_once(
    fault_server: FaultServer, client: WebClient, tmp_path: Path, faults: tuple[object, ...]
) -> None:
    address = fault_server.put("datos.bin", DATA)
    fault_server.put("copia/datos.bin", DATA)
    for fault in faults:
        fault_server.fault("datos.bin", fault)  # type: ignore[arg-type]
    into = tmp_path / "datos.bin"
    assert download(client, address, into, sha256=SUM) == into
    assert into.read_bytes() == DATA
    assert {each.agent.partition("/")[0] for each in fault_server.log} == {"valles"}


def test_a_cut_costs_only_the_bytes_that_had_not_come(
    fault_server: FaultServer, client: WebClient, tmp_path: Path
) -> None:
    address = fault_server.put("datos.bin", DATA)
    for after in (100_000, 50_000, 20_000):
        fault_server.fault("datos.bin", Drop(after=after))
    download(client, address, tmp_path / "datos.bin")
    assert fault_server.body_bytes() == len(DATA)
    assert [each.range for each in fault_server.log] == ["", "bytes=100000-", "bytes=150000-", "bytes=170000-"]


def test_a_later_call_goes_on_where_an_earlier_one_was_cut_off(
    fault_server: FaultServer, client: WebClient, tmp_path: Path
) -> None:
    address = fault_server.put("datos.bin", DATA)
    fault_server.fault("datos.bin", Drop(after=120_000))
    fault_server.fault("datos.bin", Drop(after=0), times=None)
    with pytest.raises(UnreachableError) as error:
        download(client, address, tmp_path / "datos.bin")
    assert "se cortó" in _parts(error)
    assert not (tmp_path / "datos.bin").exists()
    fault_server.mend()
    download(client, address, tmp_path / "datos.bin")
    assert (tmp_path / "datos.bin").read_bytes() == DATA
    assert fault_server.body_bytes() == len(DATA)


def test_a_file_that_changes_under_way_is_brought_again_from_the_start(
    fault_server: FaultServer, client: WebClient, tmp_path: Path
) -> None:
    address = fault_server.put("datos.bin", DATA)
    fault_server.fault("datos.bin", Change(content=OTHER, after=150_000))
    download(client, address, tmp_path / "datos.bin")
    assert (tmp_path / "datos.bin").read_bytes() == OTHER


def test_a_file_here_is_asked_for_again_only_when_the_server_has_another(
    fault_server: FaultServer, client: WebClient, tmp_path: Path
) -> None:
    into = tmp_path / "datos.bin"
    address = fault_server.put("datos.bin", DATA)
    download(client, address, into)
    download(client, address, into)
    download(client, address, into, sha256=SUM)
    assert len(fault_server.requests(method="GET")) == 1
    fault_server.put("datos.bin", OTHER)
    download(client, address, into)
    assert into.read_bytes() == OTHER


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        (Corrupt(at=17), UnexpectedContentError, "dos veces con sha256"),
        (Html(), UnexpectedContentError, "una página web («Entrar»)"),
        (Html(page=b"  <!doctype HTML><p>x"), UnexpectedContentError, "una página web"),
        (Html(page=b"{}", content_type="text/html"), UnexpectedContentError, "una página web"),
        (Status(404), RefusedError, "respondió 404: no existe"),
        (Status(403), RefusedError, "respondió 403: no deja entrar"),
        (Status(500), RefusedError, "respondió 500"),
        (Status(429, retry_after="0"), RefusedError, "respondió 429"),
        (Drop(after=0), UnreachableError, "la conexión se cortó"),
        (Slow(before_s=0.6), UnreachableError, "no respondió a tiempo"),
    ],
    ids=str,
)
def test_what_stays_wrong_is_told_in_words(  # noqa: PLR0917  fixtures come by name
    fault_server: FaultServer, client: WebClient, tmp_path: Path, fault: object, kind: type[VallesError], words: str
) -> None:
    address = fault_server.put("datos.bin", DATA)
    fault_server.fault("datos.bin", fault, times=None)  # type: ignore[arg-type]
    with pytest.raises(kind) as error:
        download(client, address, tmp_path / "datos.bin", sha256=SUM)
    assert words in _parts(error)
    assert list(tmp_path.glob("datos.bin")) == []


@pytest.mark.parametrize(
    ("to", "words"),
    [("datos.bin", "sin fin"), ("file:///etc/hostname", "fuera de la web"), ("ftp://127.0.0.1/a", "fuera")],
)
def test_a_redirect_that_leads_nowhere_or_off_the_web_is_refused(
    fault_server: FaultServer, client: WebClient, tmp_path: Path, to: str, words: str
) -> None:
    address = fault_server.put("datos.bin", DATA)
    fault_server.fault("datos.bin", Redirect(to=to), times=None)
    with pytest.raises(InputError, match=words):
        download(client, address, tmp_path / "datos.bin")
    assert len(fault_server.log) <= 6


def test_content_that_is_not_what_the_name_promises_is_refused(
    fault_server: FaultServer, client: WebClient, tmp_path: Path
) -> None:
    address = fault_server.put("dem.tif", b"Not a raster, an apology. " * 40)
    with pytest.raises(UnexpectedContentError, match=r"no es un archivo \.tif"):
        download(client, address, tmp_path / "dem.tif")


def test_a_file_that_may_be_absent_is_none_and_an_empty_one_is_a_file(
    fault_server: FaultServer, client: WebClient, tmp_path: Path
) -> None:
    assert download(client, fault_server.address + "mar.tif", tmp_path / "mar.tif", absent=True) is None
    empty = fault_server.put("vacio.csv", b"")
    assert download(client, empty, tmp_path / "vacio.csv") == tmp_path / "vacio.csv"
    assert (tmp_path / "vacio.csv").read_bytes() == b""


def test_a_server_that_is_not_there_is_told_at_once(client: WebClient, tmp_path: Path) -> None:
    with FaultServer() as server:
        address = server.address + "a.tif"
    with pytest.raises(UnreachableError) as error:
        download(client, address, tmp_path / "a.tif")
    assert "no admite la conexión" in _parts(error)


def test_never_more_than_four_transfers_at_a_time(fault_server: FaultServer, client: WebClient, tmp_path: Path) -> None:
    fault_server.fault("*", Slow(before_s=0.05), times=None)
    addresses = [fault_server.put(f"{number}.bin", DATA[:1000]) for number in range(10)]
    threads = [
        threading.Thread(target=download, args=(client, address, tmp_path / address.rsplit("/", 1)[1]))
        for address in addresses
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(list(tmp_path.glob("*.bin"))) == 10
    assert 1 < fault_server.most_at_once <= AT_ONCE


def test_progress_is_told_in_bytes(fault_server: FaultServer, client: WebClient, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    address = fault_server.put("datos.bin", DATA)
    download(client, address, tmp_path / "datos.bin", told=lambda *each: told.append(each))
    assert told[-1] == ("datos.bin", len(DATA), len(DATA))
    assert [done for _name, done, _size in told] == sorted(done for _name, done, _size in told)


RUN = """
import sys
from pathlib import Path
from layers.transfer.download import download
from layers.transfer.web_client import WebClient
print("go", flush=True)
download(WebClient(), sys.argv[1], Path(sys.argv[2]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="kills with a signal")
def test_killed_under_way_it_goes_on_and_ends_with_the_same_bytes(fault_server: FaultServer, tmp_path: Path) -> None:
    address = fault_server.put("datos.bin", DATA)
    fault_server.fault("datos.bin", Slow(between_s=0.05), times=3)
    into = tmp_path / "datos.bin"
    for _attempt in range(2):
        with subprocess.Popen([sys.executable, "-c", RUN, address, str(into)], stdout=subprocess.PIPE) as run:
            if run.stdout is not None:
                run.stdout.readline()
            before = fault_server.body_bytes()
            while fault_server.body_bytes() < before + 60_000:
                time.sleep(0.005)
            run.send_signal(signal.SIGKILL)
    assert not into.exists()
    download(WebClient(), address, into)
    assert into.read_bytes() == DATA
    assert [each.range != "" for each in fault_server.requests()] == [False, True, True]


def test_a_server_that_refuses_head_is_asked_for_the_first_byte(fault_server: FaultServer, client: WebClient) -> None:
    address = fault_server.put("datos.bin", DATA)
    fault_server.fault("datos.bin", Status(405))
    assert client.announced(address).size == len(DATA)
    assert fault_server.body_bytes() <= 100


def test_an_interrupted_order_does_not_wait_for_the_rest_of_a_file(
    fault_server: FaultServer, client: WebClient, tmp_path: Path
) -> None:
    address = fault_server.put("datos.bin", DATA)
    fault_server.fault("datos.bin", Slow(between_s=0.02, block=4096))

    def told(_name: str, done: int, _size: int) -> None:
        if done > 50_000:
            client.stop()

    with pytest.raises(UnreachableError, match="se interrumpió"):
        download(client, address, tmp_path / "datos.bin", told=told)
    assert fault_server.body_bytes() < len(DATA)
    download(WebClient(), address, tmp_path / "datos.bin")
    assert (tmp_path / "datos.bin").read_bytes() == DATA
