//! The words of the language, for telling what a stray one was meant to be.

/// Words that start an item in column 1.
pub(super) const ITEMS: &[&str] = &[
    "edition",
    "policy",
    "when",
    "define",
    "webhook",
    "template",
    "app",
    "attribute",
    "lifecycle",
    "group",
    "flow",
    "never",
    "test",
];

/// Words that start a clause.
pub(super) const CLAUSES: &[&str] = &[
    "for",
    "every",
    "when",
    "except",
    "reviewers",
    "limit",
    "then",
    "report",
    "always",
    "otherwise",
    "cancel",
    "restart",
    "on",
    "once",
    "before",
    "count",
    "rank",
    "require",
    "activity",
];

/// The steps as they are written, up to their first argument.
pub(super) const STEPS: &[&str] = &[
    "ask",
    "notify",
    "escalate after",
    "if ignored keep",
    "if ignored remove",
    "wait",
    "run webhook",
    "add to group",
    "remove from group",
    "disable account",
];

/// Words that start a step, and what they start.
pub(super) const STEP_WORDS: &[&str] = &[
    "ask", "notify", "escalate", "if", "wait", "run", "add", "remove", "disable", "task",
    "call", "unassign", "delete", "revoke", "suspend", "end", "assign", "set", "verify",
    "snooze", "all",
];

/// What people who know other systems call the steps.
pub(super) fn meant_step(word: &str) -> Option<&'static str> {
    Some(match word {
        "nuke" | "kill" | "block" | "lock" | "deactivate" | "deprovision" | "close" => {
            "disable account"
        }
        "email" | "mail" | "tell" | "inform" | "alert" | "message" | "warn" => "notify",
        "sleep" | "pause" | "delay" => "wait",
        "post" | "hook" | "webhook" | "trigger" | "invoke" | "execute" => "run webhook",
        "review" | "confirm" => "ask",
        "join" => "add to group",
        "kick" | "leave" => "remove from group",
        _ => return None,
    })
}

/// Words that start or join conditions.
pub(super) const CONDITIONS: &[&str] =
    &["not", "inactive", "and", "or", "in", "has", "never"];

const OTHERS: &[&str] = &[
    "accounts",
    "users",
    "grants",
    "active",
    "after",
    "as",
    "at",
    "body",
    "contains",
    "day",
    "ends",
    "env",
    "file",
    "from",
    "header",
    "hour",
    "ignored",
    "is",
    "keep",
    "known",
    "larger",
    "matches",
    "minute",
    "month",
    "none",
    "of",
    "owner",
    "permission",
    "reaches",
    "remind",
    "retry",
    "role",
    "secret",
    "session",
    "since",
    "skip",
    "smaller",
    "starts",
    "subject",
    "the",
    "timeout",
    "to",
    "unknown",
    "until",
    "url",
    "with",
    "expect",
    "given",
    "apps",
    "groups",
    "roles",
    "account",
    "user",
    "unless",
    "where",
    "whenever",
    "do",
];

/// Whether a word means something somewhere in the language.
pub(super) fn is_keyword(word: &str) -> bool {
    [ITEMS, CLAUSES, STEP_WORDS, CONDITIONS, OTHERS]
        .iter()
        .any(|words| words.contains(&word))
}

/// A word that is two words glued together, such as `notinactive`, taken apart.
pub(crate) fn unglue(word: &str) -> Option<String> {
    let starts = [CONDITIONS, STEP_WORDS, CLAUSES, &["webhook", "run webhook"]];
    let parts = |start: &&'static str| Some((*start, word.strip_prefix(start)?));
    let found = starts
        .into_iter()
        .flatten()
        .filter_map(parts)
        .filter(|(start, rest)| {
            // `orange` is not `or ange`: short words are cut off before other words only.
            let whole = is_keyword(rest) || (start.len() > 3 && rest.chars().count() > 3);
            whole && rest.starts_with(char::is_alphabetic)
        });
    let (start, rest) = found.max_by_key(|(start, _)| start.len())?;
    Some(format!("{start} {rest}"))
}
