"""Who poses as headquarters: openssl's server, with certificates of every wrong kind, and with the right one. The box
speaks to that one alone, and says of all others why not."""

import os
import re
import subprocess

import pytest

from box import PATIENCE, wait_for
from ports import free_port
from test_link import Shop


@pytest.fixture(name="shop")
def shop_fixture(tmp_path):
    shop = Shop(tmp_path)
    shop.box.tillctl("enrol", *shop.enrol)
    yield shop
    shop.close()


def openssl(*words):
    subprocess.run(["openssl", *words], check=True, capture_output=True, timeout=PATIENCE)


def new_key(folder):
    openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", str(folder / "key"))
    return str(folder / "key")


def signed_by_ours(shop, folder, names, use):
    """A certificate of headquarters' own CA, for a key of ours."""
    key = new_key(folder)
    (folder / "ext").write_text(f"extendedKeyUsage={use}\nsubjectAltName={names}\n", encoding="ascii")
    openssl("req", "-new", "-key", key, "-subj", "/CN=tilld hub", "-out", str(folder / "request"))
    ca = [os.path.join(shop.hub.state, name) for name in ("ca.pem", "ca.key")]
    openssl("x509", "-req", "-in", str(folder / "request"), "-CA", ca[0], "-CAkey", ca[1], "-set_serial", "77", "-days", "9",
            "-extfile", str(folder / "ext"), "-out", str(folder / "cert"))
    return str(folder / "cert"), key


def self_signed(folder):
    key = new_key(folder)
    openssl("req", "-x509", "-new", "-key", key, "-subj", "/CN=tilld hub", "-addext", "extendedKeyUsage=serverAuth",
            "-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=CA:FALSE", "-days", "9", "-out", str(folder / "cert"))
    return str(folder / "cert"), key


def impostor(shop, folder, kind):
    if kind == "another box":  # its own will do: it is as good a box's certificate as any
        link = os.path.join(shop.box.state, "link")
        return os.path.join(link, "box.pem"), os.path.join(link, "box.key")
    if kind == "self-signed":
        return self_signed(folder)
    if kind == "another name":
        return signed_by_ours(shop, folder, "DNS:elsewhere.example", "serverAuth")
    if kind == "another use":
        return signed_by_ours(shop, folder, "DNS:localhost", "clientAuth")
    return signed_by_ours(shop, folder, "DNS:localhost", "serverAuth")


class Server:
    """openssl's, on a port of its own; the box's only headquarters."""

    def __init__(self, shop, cert, key):
        port = free_port()
        ca = os.path.join(shop.hub.state, "ca.pem")
        self.out = os.path.join(shop.box.state, "server.out")
        with open(self.out, "wb") as out:
            self.process = subprocess.Popen(["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert", cert, "-key", key,
                                             "-CAfile", ca, "-Verify", "1", "-verify_return_error", "-tls1_2"],
                                            stdin=subprocess.PIPE, stdout=out, stderr=out)
        with open(shop.box.config, encoding="utf-8") as file:
            text = re.sub("(?m)^uri = .*$", f"uri = coaps+tcp://127.0.0.1:{port}", file.read())
        shop.box.write_config(text)

    def said(self):
        with open(self.out, encoding="utf-8", errors="replace") as out:
            return out.read()

    def close(self):
        self.process.kill()
        self.process.wait(PATIENCE)
        self.process.stdin.close()


@pytest.fixture(name="serve")
def serve_fixture(shop, tmp_path):
    """Starts one, of a kind of impostor()."""
    servers = []

    def start(kind):
        servers.append(Server(shop, *impostor(shop, tmp_path, kind)))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.mark.parametrize("kind, reason", [
    ("another box", "the certificate of 'box-1' is not one for servers alone"),
    ("self-signed", "its certificate is not of the pinned CA"),
    ("another name", "its certificate is of 'tilld hub', not of 'localhost'"),
    ("another use", "its own is not one for servers"),
])
def test_an_impostor_is_told_nothing(shop, serve, kind, reason):
    server = serve(kind)
    wait_for(server.said, lambda text: "ACCEPT" in text, what="openssl's server")
    shop.start_sync()
    said = wait_for(shop.sync_log, lambda text: "coaps+tcp://127.0.0.1" in text and reason in text, what=kind)
    assert "up: " not in said
    assert "CIPHER is" not in server.said(), "a handshake came to its end"


def test_the_right_one_is_spoken_to(shop, serve):
    server = serve("headquarters")
    shop.start_sync()
    said = wait_for(server.said, lambda text: "CIPHER is" in text, what="a handshake")
    assert "CIPHER is ECDHE-ECDSA-AES128-GCM-SHA256" in said and re.search("CN ?= ?box-1", said), said
