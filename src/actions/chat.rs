//! Messages in chats: one POST of `{"text": …}` to the chat's incoming webhook.

use crate::actions::secret;
use crate::engine::{Chat, Mail, Request};
use crate::time::Duration;
use secrecy::ExposeSecret as _;
use serde_json::json;
use std::path::Path;

/// The longest text, in letters; more is cut off, for chats take no message beyond some tens
/// of thousands of bytes.
const LONGEST: usize = 8_000;

/// Names behind an `@` that would call everybody.
const EVERYBODY: [&str; 4] = ["all", "channel", "everyone", "here"];

/// The request that writes a message into a chat; relative paths start in `folder`. The error
/// says why there is none, and holds nothing of the URL.
pub(crate) fn request(
    chat: &Chat,
    mail: &Mail,
    folder: &Path,
) -> Result<Request, String> {
    let url = secret::reveal(&chat.url, folder)
        .map_err(|error| format!("chat `{}` has no URL: {error}", chat.name))?;
    Ok(Request {
        webhook: chat.name.clone(),
        url: url.expose_secret().to_owned(),
        headers: Vec::new(),
        body: json!({ "text": text(mail) }).to_string(),
        secret: None,
        timeout: Duration(15),
        retry: 0,
    })
}

/// What stands in the chat. Others may read it too, so it says for whom it is.
fn text(mail: &Mail) -> String {
    let whom = match mail.to_name.as_str() {
        "" => mail.to.clone(),
        name if name == mail.to => mail.to.clone(),
        name => format!("{name}, {}", mail.to),
    };
    let whole = format!("{}\n(for {whom})\n\n{}", mail.subject, mail.body.trim_end());
    let text = match whole.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", whole.get(..end).unwrap_or_default()),
        None => whole,
    };
    plain(&text)
}

/// Takes no room, and parts what would mean something together.
const APART: char = '\u{200b}';

/// Text in which no name calls people, or hides behind other words where a link leads: chats
/// give `<…>` a meaning, and some also `@name` and `[words](address)`.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    let mut last = ' ';
    while let Some(sign) = rest.chars().next() {
        rest = rest.get(sign.len_utf8()..).unwrap_or_default();
        match sign {
            '&' => plain.push_str("&amp;"),
            '<' => plain.push_str("&lt;"),
            '>' => plain.push_str("&gt;"),
            '@' => {
                plain.push('@');
                let calls = |name: &&str| {
                    rest.get(..name.len())
                        .is_some_and(|head| head.eq_ignore_ascii_case(name))
                };
                // What stands behind letters is an address.
                let address = last.is_alphanumeric() || "._-+".contains(last);
                let name = rest.starts_with(char::is_alphanumeric);
                if (name && !address) || EVERYBODY.iter().any(calls) {
                    plain.push(APART);
                }
            }
            // `[words](address)`, `[words][mark]` and `[mark]: address`.
            ']' if rest.starts_with(['(', '[', ':']) => plain.extend([']', APART]),
            '\n' => plain.push('\n'),
            sign if sign.is_control() => plain.push(' '),
            sign => plain.push(sign),
        }
        last = sign;
    }
    plain
}
