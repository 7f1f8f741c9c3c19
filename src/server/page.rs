//! The pages that people see: plain HTML, no script, one style sheet.

use crate::engine::{Question, Verdict};
use std::fmt::Write as _;

/// The style sheet of all pages.
pub(super) const STYLE: &str = "\
body { font: 1.1rem/1.5 system-ui, sans-serif; margin: 3rem auto; max-width: 34rem; \
padding: 0 1rem; color: #1a1a1a; background: #fff; overflow-wrap: anywhere }
h1 { font-size: 1.5rem; line-height: 1.3 }
form { display: flex; flex-wrap: wrap; gap: 1rem; margin: 2rem 0 }
button { font: inherit; padding: .6rem 1.4rem; border: 2px solid #1a1a1a; \
border-radius: .4rem; background: #fff; color: inherit; cursor: pointer }
button:focus-visible { outline: 3px solid #2563eb; outline-offset: 2px }
footer { color: #595959; font-size: .9rem }
@media (prefers-color-scheme: dark) {
body { color: #eee; background: #161616 }
button { background: #161616; border-color: #eee }
footer { color: #aaa }
}
";

/// What a page says beside the question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone<'a> {
    /// Somebody looks at it; the form has this token.
    Asking(&'a str),
    /// A decision was just taken in.
    Thanks,
    /// A decision came too late.
    Late,
}

/// The page of a review, for the one with that address.
pub(super) fn review(question: &Question, email: &str, tone: Tone<'_>) -> String {
    let mut body = String::new();
    match tone {
        Tone::Asking(token) if question.open => asking(&mut body, question, token),
        Tone::Thanks => {
            paragraph(&mut body, "Thank you. Your answer has been taken in.");
            outcome(&mut body, question);
        }
        Tone::Late if question.decided.is_some() => {
            paragraph(&mut body, "This was already decided; nothing has changed.");
            outcome(&mut body, question);
        }
        Tone::Asking(_) | Tone::Late => outcome(&mut body, question),
    }
    let footer = format!(
        "Policy {}, run {}. This page is for {email} alone.",
        question.policy, question.run
    );
    whole(&question.title, (&body, "style.css"), &footer)
}

fn asking(body: &mut String, question: &Question, token: &str) {
    paragraphs(body, &question.words);
    for text in [&question.silence, &question.removal] {
        if !text.is_empty() {
            paragraph(body, text);
        }
    }
    paragraph(body, "One answer is enough, whoever of those asked gives it.");
    body.push_str("<form method=\"post\">\n");
    let token = escaped(token);
    writeln!(body, "<input type=\"hidden\" name=\"form\" value=\"{token}\">").ok();
    for (value, label) in [("keep", "Still needed"), ("remove", "No longer needed")] {
        writeln!(
            body,
            "<button type=\"submit\" name=\"answer\" value=\"{value}\">{label}</button>"
        )
        .ok();
    }
    body.push_str("</form>\n");
}

/// How it came out.
fn outcome(body: &mut String, question: &Question) {
    match &question.decided {
        Some((decision, at)) => {
            let verdict = match decision.verdict {
                Verdict::Keep => "keep",
                Verdict::Remove => "remove",
            };
            let (by, at) = (&decision.by, at.to_the_minute_in(question.zone));
            paragraph(body, &format!("Decided: {verdict}, by {by} on {at}."));
        }
        None if question.open => {
            paragraph(body, "It is still open.");
        }
        None => {
            let state = question.state;
            paragraph(
                body,
                &format!("Nobody is asked any more; the review is over: {state}."),
            );
        }
    }
}

/// A page that says one thing.
pub(super) fn notice(title: &str, text: &str) -> String {
    said((title, text), "style.css")
}

/// The same where nothing else is: the style sheet lies elsewhere, seen from there.
pub(super) fn front(title: &str, text: &str) -> String {
    said((title, text), "review/style.css")
}

fn said((title, text): (&str, &str), style: &str) -> String {
    let mut body = String::new();
    paragraph(&mut body, text);
    whole(title, (&body, style), "")
}

fn paragraph(body: &mut String, text: &str) {
    writeln!(body, "<p>{}</p>", escaped(text)).ok();
}

/// Words of several lines, with empty ones between paragraphs.
fn paragraphs(body: &mut String, text: &str) {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines().chain([""]) {
        if !line.trim().is_empty() {
            lines.push(escaped(line.trim()));
        } else if !lines.is_empty() {
            writeln!(body, "<p>{}</p>", lines.join("<br>\n")).ok();
            lines.clear();
        }
    }
}

fn whole(title: &str, (body, style): (&str, &str), footer: &str) -> String {
    let (title, footer) = (escaped(title), escaped(footer));
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"robots\" content=\"noindex\">\n<title>{title}</title>\n\
         <link rel=\"stylesheet\" href=\"{style}\">\n</head>\n<body>\n<main>\n\
         <h1>{title}</h1>\n{body}</main>\n<footer>{footer}</footer>\n</body>\n</html>\n"
    )
}

/// Text that is only text: no sign of it means anything to a browser, nor turns what follows
/// around.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => safe.push('\u{fffd}'),
            sign if sign.is_control() => safe.push(' '),
            sign => safe.push(sign),
        }
    }
    safe
}
