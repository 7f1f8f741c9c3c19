"""A mail server that keeps what it is given, and answers as the recipient's name says.

    ok@… or anything else     250, and the message lies in the folder as N.eml
    refuse@…                  550 at RCPT
    later@…                   451 at RCPT
    refuse-data@…, later-data@…   554, 451 after the message
    flaky@…                   451 to the first attempt with one Message-ID, then 250
    hang@…                    no answer to RCPT
    close@…                   421 at RCPT, and the connection closes

With `--hold`, no message is answered before the file `go` lies in the folder.
Each connection, message and refusal is a line in the journal. `--silent` accepts
connections and never greets.
"""

import argparse
import asyncio
import email
import email.policy
import pathlib
import ssl
import sys

from ready import Journal, say_ready

try:
    from aiosmtpd.smtp import SMTP, AuthResult
except ImportError as error:
    sys.exit(f"{error}; run .ci/setup")


class Keeper:
    def __init__(self, folder, journal, hold):
        self.folder = pathlib.Path(folder)
        self.hold = hold
        self.journal = journal
        self.count = 0
        self.seen = set()

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        self.journal.write(event="ehlo", peer=session.peer[1], tls=encrypted(server))
        return responses

    async def handle_RCPT(self, server, session, envelope, address, options):
        match address.split("@")[0]:
            case "refuse":
                return self.deny(address, "550 5.1.1 no such user here")
            case "later":
                return self.deny(address, "451 4.7.1 greylisted, try later")
            case "hang":
                await asyncio.sleep(120)
            case "close":
                self.deny(address, "421")
                await server.push("421 4.3.2 closing down")
                server.transport.close()
                await asyncio.sleep(0)
                return "421 4.3.2 closing down"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server, session, envelope):
        to = envelope.rcpt_tos[0]
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        key = message["message-id"]
        match to.split("@")[0]:
            case "refuse-data":
                return self.deny(to, "554 5.7.1 looks like spam")
            case "later-data":
                return self.deny(to, "451 4.3.0 try later")
            case "flaky" if key not in self.seen:
                self.seen.add(key)
                return self.deny(to, "451 4.3.0 try later")
        self.count += 1
        file = self.folder / f"{self.count}.eml"
        file.write_bytes(envelope.content)
        self.journal.write(
            event="message",
            file=str(file),
            peer=session.peer[1],
            tls=encrypted(server),
            user=(session.auth_data or b"").decode() if session.authenticated else None,
            envelope_from=envelope.mail_from,
            envelope_to=envelope.rcpt_tos,
            # As an independent reader sees it.
            subject=message["subject"],
            sender=message["from"],
            to=message["to"],
            message_id=key,
            date=message["date"],
            headers=[name.lower() for name in message.keys()],
            kind=message.get_content_type(),
            charset=message.get_content_charset(),
            body=message.get_content(),
        )
        while self.hold and not (self.folder / "go").exists():
            await asyncio.sleep(0.01)
        return f"250 2.0.0 ok, queued as {self.count}"

    def deny(self, to, answer):
        self.journal.write(event="denied", to=to, answer=answer)
        return answer


def encrypted(server):
    return server.transport.get_extra_info("ssl_object") is not None


async def serve(options):
    journal = Journal(options.log)
    keeper = Keeper(options.folder, journal, options.hold)
    context = None
    if options.cert:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.cert)

    def authenticate(server, session, envelope, mechanism, data):
        wanted = tuple(part.encode() for part in options.auth.split(":", 1))
        good = (data.login, data.password) == wanted
        journal.write(event="login", user=data.login.decode(), mechanism=mechanism, good=good)
        return AuthResult(success=good, handled=False, auth_data=data.login)

    def connection():
        journal.write(event="connection")
        if options.silent:
            return asyncio.Protocol()
        return SMTP(
            keeper,
            enable_SMTPUTF8=not options.ascii,
            hostname="mail.example",
            ident="peer",
            tls_context=context if options.tls == "starttls" else None,
            require_starttls=options.tls == "starttls",
            authenticator=authenticate if options.auth else None,
            auth_required=bool(options.auth),
            auth_require_tls=options.tls == "starttls",
        )

    wrapped = context if options.tls == "tls" else None
    loop = asyncio.get_running_loop()
    server = await loop.create_server(connection, "127.0.0.1", 0, ssl=wrapped)
    say_ready(options.ready, server.sockets[0].getsockname()[1])
    await server.serve_forever()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--ready", required=True, help="where to write the port")
    parser.add_argument("--log", required=True, help="where to write what happens")
    parser.add_argument("--folder", required=True, help="where to keep the messages")
    parser.add_argument("--tls", choices=["none", "starttls", "tls"], default="none")
    parser.add_argument("--cert", help="certificate and key")
    parser.add_argument("--auth", help="USER:PASSWORD; without it anyone may send")
    parser.add_argument("--hold", action="store_true", help="answer no message yet")
    parser.add_argument("--ascii", action="store_true", help="take no other letters in addresses")
    parser.add_argument("--silent", action="store_true", help="never greet")
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
