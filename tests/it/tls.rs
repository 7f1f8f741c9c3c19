//! TLS, against servers with certificates of an authority made for the test.
//!
//! The authority is trusted as any company's own is: through `SSL_CERT_FILE`. It is read
//! from the environment, so the test starts itself again with it set.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail them")]

use crate::peers::Peer;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair,
    date_time_ymd,
};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tenure::actions::{Login, Network, Security, Settings, Smtp};
use tenure::engine::{Delivery, Effect, Hands as _, Mail, Outcome, Request};
use tenure::ir::SecretRef;
use tenure::time::clock::Clock;
use tenure::time::{Duration, Timestamp};

/// Where the certificates lie; set for the second start.
const FOLDER: &str = "TENURE_TEST_CERTIFICATES";

#[test]
fn certificates_are_checked() {
    match std::env::var_os(FOLDER) {
        Some(folder) => with_authority(Path::new(&folder)),
        None => start_again(),
    }
}

fn start_again() {
    let folder = tempfile::tempdir().unwrap();
    let authority = write_certificates(folder.path());
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "tls::certificates_are_checked", "--nocapture"])
        .env(FOLDER, folder.path())
        .env("SSL_CERT_FILE", authority)
        .env_remove("SSL_CERT_DIR")
        // A proxy of the environment is not used: nothing listens there.
        .env("ALL_PROXY", "http://127.0.0.1:9")
        .env("HTTPS_PROXY", "http://127.0.0.1:9")
        .env("NO_PROXY", "")
        .env("no_proxy", "")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("1 passed"), "{said}\n{errors}");
    // Without the authority nothing gets through.
    let receiver =
        Peer::receiver(&["--cert", folder.path().join("good.pem").to_str().unwrap()]);
    let why = webhook(&receiver, "localhost");
    assert!(why.contains("nobody whom this machine trusts"), "{why}");
    assert!(receiver.journal().is_empty());
}

/// An authority, and certificates with their keys: good, expired, of another name, and two
/// that it has not signed.
fn write_certificates(folder: &Path) -> PathBuf {
    let mut params = CertificateParams::new([]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer =
        CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let write = |file: &str, names: &[&str], year| {
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(year, 1, 1);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &issuer).unwrap();
        fs::write(folder.join(file), key.serialize_pem() + &certificate.pem()).unwrap();
    };
    write("good.pem", &["localhost", "127.0.0.1"], 4000);
    write("expired.pem", &["localhost", "127.0.0.1"], 2021);
    write("other.pem", &["other.example"], 4000);
    // Made by themselves: as an authority, and as a server.
    let own = |file: &str, is_ca: IsCa| {
        let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        params.is_ca = is_ca;
        params.distinguished_name.push(DnType::CommonName, file);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        fs::write(folder.join(file), key.serialize_pem() + &certificate.pem()).unwrap();
    };
    own("own.pem", IsCa::Ca(BasicConstraints::Unconstrained));
    own("unknown.pem", IsCa::NoCa);
    let authority = folder.join("authority.pem");
    fs::write(&authority, issuer.pem()).unwrap();
    authority
}

fn with_authority(folder: &Path) {
    let serve = |file: &str| folder.join(file).to_str().unwrap().to_owned();
    let receiver = Peer::receiver(&["--cert", &serve("good.pem")]);
    assert_eq!(webhook(&receiver, "localhost"), "delivered");
    assert_eq!(webhook(&receiver, "127.0.0.1"), "delivered");
    assert_eq!(receiver.journal().len(), 2);
    for (file, expected) in
        [("expired.pem", "has expired"), ("other.pem", "is for `other.example`;")]
    {
        let receiver = Peer::receiver(&["--cert", &serve(file)]);
        let why = webhook(&receiver, "localhost");
        assert!(why.contains("can't be reached: ") && why.contains(expected), "{why}");
        assert!(receiver.journal().is_empty());
    }

    fs::write(folder.join("password"), "hunter2").unwrap();
    mails(folder, Security::StartTls, &["--tls", "starttls", "--auth", "tenure:hunter2"]);
    // The server of the test takes passwords after STARTTLS only.
    mails(folder, Security::Tls, &["--tls", "tls"]);
}

/// A mail gets through to a server with a good certificate, and to no other.
fn mails(folder: &Path, security: Security, options: &[&str]) {
    let send = |file: &str| {
        let certificate = folder.join(file);
        let mut options = options.to_vec();
        options.extend(["--cert", certificate.to_str().unwrap()]);
        let server = Peer::mail(&options);
        let login = options.contains(&"--auth").then(|| Login {
            user: "tenure".to_owned(),
            password: SecretRef::File("password".to_owned()),
        });
        let smtp = Smtp {
            host: "localhost".to_owned(),
            port: server.port,
            security,
            login,
            from: "tenure@acme.example".parse().unwrap(),
        };
        (mail(smtp, folder), server)
    };
    let (outcome, server) = send("good.pem");
    assert_eq!(outcome, "delivered", "{}", server.errors());
    let message = server.events("message").remove(0);
    assert_eq!(message.get("tls"), Some(&true.into()));
    let user = options.contains(&"--auth").then_some("tenure");
    assert_eq!(message.get("user").and_then(Value::as_str), user);
    for (file, expected) in [
        ("expired.pem", "its certificate has expired, and"),
        ("other.pem", "its certificate is for `other.example`; write the name"),
        ("own.pem", "its certificate is that of an authority"),
        ("unknown.pem", "nobody whom this machine trusts has signed"),
    ] {
        let (why, server) = send(file);
        assert!(why.contains(expected), "{why}");
        assert!(server.events("message").is_empty() && server.events("login").is_empty());
    }
}

fn webhook(receiver: &Peer, host: &str) -> String {
    let allowed = format!("{host}:{}", receiver.port);
    let hosts = [allowed.parse().unwrap()].into();
    let network = Network::new(Settings { hosts, ..Settings::default() }, Clock::Wall);
    let effect = Effect::Webhook(Request {
        webhook: "revoke".to_owned(),
        url: format!("https://{allowed}/204"),
        headers: Vec::new(),
        body: "{}".to_owned(),
        secret: None,
        timeout: Duration(10),
        retry: 0,
    });
    deliver(network, &effect)
}

fn mail(smtp: Smtp, folder: &Path) -> String {
    let settings = Settings {
        folder: folder.to_owned(),
        smtp: Some(smtp),
        ..Settings::default()
    };
    let effect = Effect::Mail(Mail {
        to: "zoe@acme.example".to_owned(),
        to_name: String::new(),
        subject: "Hello".to_owned(),
        body: "Hello".to_owned(),
        ..Mail::default()
    });
    deliver(Network::new(settings, Clock::Wall), &effect)
}

fn deliver(mut network: Network, effect: &Effect) -> String {
    let delivery = Delivery { key: "key", effect, attempts: 0 };
    match network.deliver(&[delivery], Timestamp(0)).remove(0) {
        Outcome::Delivered { .. } => "delivered".to_owned(),
        Outcome::Failed { why, .. } => why,
        Outcome::AlreadySo { why }
        | Outcome::Refused { why }
        | Outcome::Unready { why } => panic!("refused: {why}"),
    }
}
