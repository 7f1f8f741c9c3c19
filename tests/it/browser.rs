//! The pages of reviews in a browser, as people see them: with a narrow and a wide window, in
//! the light and the dark, without scripts, and for those who cannot see them.
#![cfg(unix)]

use crate::serve::{links, site, verdicts};
use crate::served::Server;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Nobody's name breaks anywhere, and it is wider than a telephone.
const LONG: &str = "rindfleischetikettierungsueberwachungsaufgabenuebertragung";

/// What the browser saw.
fn browser(task: &str, address: &str) -> Value {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let node = std::env::var_os("TENURE_NODE")
        .map_or_else(|| root.join(".venv/bin/node"), PathBuf::from);
    let browser = std::env::var_os("TENURE_BROWSER")
        .map_or_else(|| "/usr/bin/chromium-headless-shell".into(), PathBuf::from);
    assert!(
        node.exists() && browser.exists(),
        "the pages are opened by Node and Chromium: run .ci/setup, or set TENURE_NODE and \
         TENURE_BROWSER"
    );
    let output = Command::new(node)
        .arg(root.join("tests/peers/browser/pages.js"))
        .arg(browser)
        .args([task, address])
        .env("NODE_PATH", root.join(".venv/browser/node_modules"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn is_empty(list: &Value) -> bool {
    list.as_array().unwrap().is_empty()
}

/// Nothing keeps anybody from reading it.
#[track_caller]
fn is_for_everybody(checked: &Value) {
    assert!(
        is_empty(&checked["violations"]) && is_empty(&checked["unsure"]),
        "{checked:#}"
    );
    assert!(checked["checked"].as_u64().unwrap() > 10, "{checked:#}");
}

#[test]
fn a_review_is_read_and_answered_in_a_browser() {
    let (site, mail) = site(&["zoe", LONG]);
    let server = Server::start(&site);
    site.ok(&["activate", "ask", "--at-once"]);
    let path = &links(&mail)[&format!("{LONG}@acme.example")];
    let address = format!("http://{}{path}", server.address);

    let seen = browser("look", &address);
    let title = format!("Do you still need Customers & <Co> ({LONG})?");
    for view in seen["views"].as_array().unwrap() {
        assert_eq!((&view["status"], &view["lang"]), (&200.into(), &"en".into()));
        assert_eq!(view["title"], title.as_str(), "{view:#}");
        assert_eq!(view["headings"], serde_json::json!([format!("h1: {title}")]));
        let text = view["text"].to_string();
        assert!(text.contains("If nobody answers by "), "{text}");
        assert!(text.contains(&format!("This page is for {LONG}@acme.example alone.")));
        // Nothing sticks out, and there is nothing to run and nobody else to ask.
        assert_eq!((&view["sticksOut"], &view["scripts"]), (&false.into(), &0.into()));
        let buttons = serde_json::json!([
            { "label": "Still needed", "inside": true, "high": true },
            { "label": "No longer needed", "inside": true, "high": true },
        ]);
        assert_eq!(view["buttons"], buttons, "{view:#}");
        assert!(view["focus"].as_str().unwrap().starts_with("Still needed: solid 3px"));
        let requests =
            serde_json::json!(["GET document no referrer", "GET stylesheet no referrer"]);
        assert_eq!(view["requests"], requests);
        assert!(is_empty(&view["complaints"]), "{view:#}");
    }
    assert_eq!(seen["views"].as_array().unwrap().len(), 4);
    is_for_everybody(&seen["light"]);
    is_for_everybody(&seen["dark"]);
    // However often it was opened, also before anybody wanted to see it.
    assert_eq!(verdicts(&site), 0);

    let seen = browser("decide", &address);
    let says = |page: &str, words: &str| {
        let text = seen[page]["text"].to_string();
        assert!(text.contains(words), "{page}: {text}");
        assert_eq!(
            (&seen[page]["sticksOut"], &seen[page]["lang"]),
            (&false.into(), &"en".into())
        );
        assert!(is_empty(&seen[page]["buttons"]), "{page}");
    };
    let decided = format!("Decided: keep, by {LONG}@acme.example on ");
    assert_eq!(
        (&seen["kept"]["status"], &seen["late"]["status"]),
        (&200.into(), &409.into())
    );
    says("kept", "Thank you. Your answer has been taken in.");
    says("late", "This was already decided; nothing has changed.");
    for page in ["kept", "late", "back"] {
        says(page, &decided);
    }
    assert!(seen["requests"].to_string().contains("POST document no referrer"));
    assert!(!seen["requests"].to_string().contains("review/"), "{seen:#}");
    assert!(is_empty(&seen["complaints"]), "{seen:#}");
    is_for_everybody(&seen["light"]);
    assert_eq!(verdicts(&site), 1);
    assert_eq!(server.end("-TERM").0, Some(0));
}
