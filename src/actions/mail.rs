//! Messages to people, over SMTP.

use crate::actions::answer::{without, words};
use crate::actions::reason::{self, innermost};
use crate::actions::secret;
use crate::actions::under_way::Done;
use crate::engine::{Mail, Outcome};
use crate::ir::SecretRef;
use crate::time::Timestamp;
use lettre::Address;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{SmtpConnection, TlsParameters};
use lettre::transport::smtp::commands;
use lettre::transport::smtp::extension::{
    ClientId, Extension, MailBodyParameter, MailParameter,
};
use lettre::transport::smtp::response::Response;
use reqwest::Url;
use secrecy::{ExposeSecret as _, SecretString};
use std::io;
use std::path::Path;
use std::str::FromStr;
use std::time::{Duration, SystemTime};

/// The longest that connecting takes, and that the server may be silent.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long one waits for the server to say goodbye.
const FAREWELL: Duration = Duration::from_secs(1);

/// The port of servers that speak TLS from the first byte.
const TLS_PORT: u16 = 465;

/// A mail server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Smtp {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// Who we are to it.
    pub login: Option<Login>,
    /// Whom the messages are from.
    pub from: Sender,
}

/// How a connection to a mail server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// Not at all.
    None,
    /// By TLS, after a greeting in the clear; a server that offers none gets no mail.
    StartTls,
    /// By TLS from the first byte.
    Tls,
}

/// Who we are to a mail server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// The user.
    pub user: String,
    /// The password.
    pub password: SecretRef,
}

/// Whom messages are from: an address, or a name with the address in angle brackets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender(Mailbox);

/// What is no address.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an e-mail address{1}")]
pub struct NotSender(String, String);

impl FromStr for Sender {
    type Err = NotSender;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mailbox: Mailbox =
            text.parse().map_err(|_| NotSender(words(text), unquoted(text)))?;
        Ok(Self(Mailbox::new(mailbox.name, for_servers(mailbox.email))))
    }
}

/// What to write where only the quotes around a name are missing.
fn unquoted(text: &str) -> String {
    let Some((name, address)) = text.split_once('<') else { return String::new() };
    let quoted = format!("\"{}\" <{address}", name.trim());
    let missing = !name.contains(['"', '\\']) && quoted.parse::<Mailbox>().is_ok();
    match missing {
        true => format!(
            "; a name with a comma, or another sign that means something in addresses, \
             stands in quotes: `'{}'`",
            words(&quoted)
        ),
        false => String::new(),
    }
}

/// The address with its domain as the name servers know it, `xn--…`: most mail servers take
/// no other letters than those of ASCII.
fn for_servers(address: Address) -> Address {
    if address.domain().is_ascii() {
        return address;
    }
    let url = Url::parse(&format!("http://{}/", address.domain())).ok();
    let domain = url.as_ref().and_then(Url::host_str);
    let known = domain.and_then(|domain| Address::new(address.user(), domain).ok());
    known.unwrap_or(address)
}

/// Whether a text is an e-mail address, without a name.
pub fn is_address(text: &str) -> bool {
    text.parse::<Address>().is_ok()
}

/// An open connection to the server.
pub(super) struct Connection(SmtpConnection);

impl Connection {
    /// It is polite, and nothing hangs on it.
    pub(super) fn quit(mut self) {
        self.0.set_timeout(Some(FAREWELL)).ok();
        self.0.quit().ok();
    }
}

/// Sends a message.
struct Mailer<'a> {
    smtp: &'a Smtp,
    folder: &'a Path,
    connection: Option<SmtpConnection>,
}

/// Attempts a message, over the connection of the one before where there is one.
pub(super) fn attempt(
    message: &Message,
    (smtp, folder): (&Smtp, &Path),
    connection: Option<Connection>,
) -> Done {
    let connection = connection.map(|connection| connection.0);
    let mut mailer = Mailer { smtp, folder, connection };
    let (outcome, away) = match mailer.send(message) {
        Ok(outcome) => (outcome, false),
        Err(outcome) => (outcome, true),
    };
    let connection = mailer.connection.map(Connection);
    Done { outcome, away, connection }
}

/// The message with its headers.
pub(super) fn compose(
    key: &str,
    mail: &Mail,
    from: &Sender,
    now: Timestamp,
) -> Result<Message, String> {
    let address: Address = mail
        .to
        .trim()
        .parse()
        .map_err(|_| format!("`{}` is not an e-mail address", words(&mail.to)))?;
    let name = Some(plain(&mail.to_name)).filter(|name| !name.is_empty());
    let seconds = u64::try_from(now.0).unwrap_or(0);
    let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
    Message::builder()
        .from(from.0.clone())
        .to(Mailbox::new(name, for_servers(address)))
        .subject(plain(&mail.subject))
        .date(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
        .message_id(Some(format!("<{key}@{}>", from.0.email.domain())))
        // Asks vacation responders to stay quiet.
        .raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()))
        .header(ContentType::TEXT_PLAIN)
        .body(mail.body.clone())
        .map_err(|error| format!("the message can't be written: {error}"))
}

/// Text for one line of a header: without breaks, and without marks that turn the
/// direction of what follows.
fn plain(text: &str) -> String {
    let turns =
        |letter| matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let breaks =
        |letter: char| letter.is_control() || letter.is_whitespace() || turns(letter);
    text.split(breaks)
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

impl Mailer<'_> {
    /// How it ended; an error where that is because the server broke off, or cannot be reached.
    fn send(&mut self, message: &Message) -> Result<Outcome, Outcome> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.connect()?,
        };
        Ok(match hand_over(&mut connection, message) {
            Ok(response) => {
                self.connection = Some(connection);
                let said = response.message().collect::<Vec<_>>().join(" ");
                Outcome::Delivered { message: Some(words(&said)) }
            }
            Err(error) if error.is_permanent() => Outcome::Refused {
                why: format!("the mail server refused: {}", reason(&error)),
            },
            // Nothing was sent, so the connection is as good as before.
            Err(error) if error.is_client() => {
                self.connection = Some(connection);
                let why = format!("the mail server can't take it: {}", reason(&error));
                Outcome::Refused { why }
            }
            Err(error) if error.is_transient() => {
                let why = format!("the mail server put it off: {}", reason(&error));
                Outcome::unsettled(why)
            }
            Err(error) => return Err(self.failed(&reason(&error))),
        })
    }

    fn failed(&self, why: &str) -> Outcome {
        Outcome::silent(self.words(why))
    }

    fn words(&self, why: &str) -> String {
        format!("the mail server `{}:{}`: {why}", self.smtp.host, self.smtp.port)
    }

    /// Connects, protects the connection, and says who we are. Whatever goes wrong here is
    /// about the server and not about a message, and may pass.
    fn connect(&self) -> Result<SmtpConnection, Outcome> {
        let password = self.password()?;
        self.connect_with(password).map_err(|why| self.failed(&why))
    }

    /// Looked up before the server is bothered: without it nothing is attempted.
    fn password(&self) -> Result<Option<SecretString>, Outcome> {
        let Some(Login { password, .. }) = &self.smtp.login else { return Ok(None) };
        let found = secret::reveal(password, self.folder);
        found.map(Some).map_err(|error| {
            let why = self.words(&format!("there is no password: {error}"));
            Outcome::Unready { why }
        })
    }

    fn connect_with(
        &self,
        password: Option<SecretString>,
    ) -> Result<SmtpConnection, String> {
        let smtp = self.smtp;
        let tls = || {
            TlsParameters::new(smtp.host.clone())
                .map_err(|error| format!("TLS can't be set up: {}", reason(&error)))
        };
        let wrapper = match smtp.security {
            Security::Tls => Some(tls()?),
            Security::None | Security::StartTls => None,
        };
        let hello = ClientId::default();
        let server = (smtp.host.as_str(), smtp.port);
        let mut connection = SmtpConnection::connect(
            server,
            Some(PATIENCE),
            &hello,
            wrapper.as_ref(),
            None,
        )
        .map_err(|error| unconnected(&error, smtp))?;
        if smtp.security == Security::StartTls {
            if !connection.can_starttls() {
                return Err(
                    "it offers no STARTTLS, and `security` asks for it".to_owned()
                );
            }
            connection.starttls(&tls()?, &hello).map_err(|error| reason(&error))?;
        }
        if let (Some(Login { user, .. }), Some(password)) = (&smtp.login, password) {
            let password = password.expose_secret().to_owned();
            let credentials = Credentials::new(user.clone(), password.clone());
            connection
                .auth(&[Mechanism::Plain, Mechanism::Login], &credentials)
                .map_err(|error| {
                    let why = without(&reason(&error), &password);
                    format!("`{user}` can't log in: {why}")
                })?;
        }
        Ok(connection)
    }
}

/// Hands a message over, step by step: whoever has been silent is hung up on, where the library
/// would take its leave and wait for the answer to that too.
fn hand_over(
    connection: &mut SmtpConnection,
    message: &Message,
) -> Result<Response, smtp::Error> {
    let (envelope, text) = (message.envelope(), message.formatted());
    let server = connection.server_info();
    let mut said = Vec::new();
    let ascii = envelope.from().into_iter().chain(envelope.to()).all(|it| {
        let it: &str = it.as_ref();
        it.is_ascii()
    });
    let takes = |needed: bool, what| !needed || server.supports_feature(what);
    if !takes(!ascii, Extension::SmtpUtfEight)
        || !takes(!text.is_ascii(), Extension::EightBitMime)
    {
        // It says what is missing, and sends nothing.
        return connection.send(envelope, &text);
    }
    if !ascii {
        said.push(MailParameter::SmtpUtfEight);
    }
    if !text.is_ascii() {
        said.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    let mut all = || {
        connection
            .command(commands::Mail::new(envelope.from().cloned(), said.clone()))?;
        for to in envelope.to() {
            connection.command(commands::Rcpt::new(to.clone(), Vec::new()))?;
        }
        connection.command(commands::Data)?;
        connection.message(&text)
    };
    let handed = all();
    if handed.as_ref().is_err_and(|error| error.status().is_some()) {
        connection.abort();
    }
    handed
}

/// What went wrong, in one line.
fn reason(error: &smtp::Error) -> String {
    let cause = innermost(error);
    if let Some(code) = error.status() {
        return words(&format!("{code} {cause}"));
    }
    match cause.downcast_ref::<io::Error>().map(io::Error::kind) {
        // A socket whose time is up says `WouldBlock`.
        Some(io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
            format!("no answer within {PATIENCE:?}")
        }
        _ => reason::reason(error),
    }
}

/// Why there is no connection, and what to do where its protection does not fit the port.
fn unconnected(error: &smtp::Error, smtp: &Smtp) -> String {
    if innermost(error).to_string().contains("InvalidContentType") {
        return "it speaks no TLS from the first byte there; `security = \"starttls\"` fits \
                such a port, mostly 587"
            .to_owned();
    }
    let why = reason(error);
    if smtp.port == TLS_PORT && smtp.security != Security::Tls && error.is_timeout() {
        return format!("{why}; `security = \"tls\"` fits the port {TLS_PORT}");
    }
    why
}
