//! Random texts of the whole language, laid out as nobody would.

#![expect(
    clippy::unwrap_used,
    clippy::string_slice,
    clippy::too_many_lines,
    reason = "helpers of tests fail them, and lists of what there is are long"
)]

use crate::dice::Dice;

/// A text, and what is known of it.
#[derive(Debug)]
pub(crate) struct Written {
    /// The text.
    pub(crate) text: String,
    /// Whether its clauses and fields stand in the order of the formatter.
    pub(crate) ordered: bool,
}

/// The words of one item; a `~` is a blank that stays as it is, a `¶` ends a line.
pub(crate) type Words = Vec<String>;

/// Words as they are written.
pub(crate) fn plain(words: &str) -> String {
    words.replace('~', " ").replace('¶', "\n ")
}

/// The words of a phrase, texts in one piece.
fn words(phrase: &str) -> Words {
    let mut found = Words::new();
    let mut rest = phrase.trim_start();
    while !rest.is_empty() {
        let end = if let Some(inner) = rest.strip_prefix("\"\"\"") {
            inner.find("\"\"\"").unwrap() + 6
        } else if let Some(inner) = rest.strip_prefix('"') {
            let mut escaped = false;
            let end = inner.find(|letter| {
                let ends = letter == '"' && !escaped;
                escaped = letter == '\\' && !escaped;
                ends
            });
            end.unwrap() + 2
        } else if rest.starts_with(['(', ')', ',']) {
            1
        } else if rest.starts_with(['<', '>', '=', '!']) {
            rest.find(|letter| !"<>=!".contains(letter)).unwrap()
        } else {
            let ends = |letter: char| " (),<>=!\"".contains(letter);
            rest.find(ends).unwrap_or(rest.len())
        };
        found.push(rest[..end].to_owned());
        rest = rest[end..].trim_start_matches(' ');
    }
    found
}

/// A random item of a kind, and whether its parts stand in order.
pub(crate) fn item(dice: &mut Dice, number: u64) -> (Words, bool) {
    let name = format!("item-{number}");
    let mut ordered = true;
    let phrase = match dice.below(16) {
        0 => {
            let mut fields = vec!["url \"https://hooks.acme.example/x\"".to_owned()];
            for (percent, field) in [
                (50, "secret env url"),
                (50, "timeout 10s"),
                (40, "retry 5"),
                (50, "header \"X-Team\"=\"a # b\""),
            ] {
                if dice.chance(percent) {
                    fields.push(field.to_owned());
                }
            }
            ordered = mix(dice, &mut fields);
            format!("webhook {name} {}", fields.join(" "))
        }
        1 => {
            let body = dice.pick(&[
                "body \"\"\"\n    Hello,\n\n      you # there.\n  \"\"\"",
                "body \"\"\"\n\tHello,\n\tyou.\"\"\"",
                "body \"\"\"Hello,\n  you.\n\"\"\"",
                "body \"\"\"\n\n  \"\"\"",
                "body \"Hello \\\"you\\\"\"",
            ]);
            let mut fields = vec!["subject \"About\"".to_owned(), body.to_owned()];
            ordered = mix(dice, &mut fields);
            format!("template {name} {}", fields.join(" "))
        }
        2 => {
            let condition = condition(dice, 3);
            format!("define {name} as {condition}")
        }
        3 => some(
            dice,
            "app Salesforce",
            &[
                "activity from salesforce, okta",
                "deprovision with webhook revoke",
                "permission \"Sales Cloud\" deprovision with webhook revoke-seat",
                "end sessions with flow end-it",
            ],
        ),
        4 => dice.pick(&[
            "attribute cost_center text".to_owned(),
            format!("attribute title{number} text editable by self"),
        ]),
        5 => "lifecycle prehire is active¶ leave is inactive~short-term \
              gone is inactive~long-term disabled"
            .to_owned(),
        6 => format!("group \"Night {number}\" in okta"),
        7 => {
            let calls: Vec<String> = (0..=dice.below(2)).map(|_| call(dice)).collect();
            format!("flow {name} with upn {}", calls.join(", "))
        }
        8 => {
            let steps = dice.pick(&[
                "(delete account, disable account)",
                "take access",
                "delete user",
                "(disable account, remove from group (Execs, \"Sales Team\"), revoke permission \
                 \"Sales Cloud\", suspend user)",
            ]);
            let condition = condition(dice, 2);
            format!("never {steps} when {condition}")
        }
        9 => test(dice, number),
        _ => {
            let (phrase, in_order) = policy(dice, &name);
            ordered = in_order;
            phrase
        }
    };
    (words(&phrase), ordered)
}

/// A policy without a name.
pub(crate) fn bare(dice: &mut Dice) -> (Words, bool) {
    let (condition, steps) = (condition(dice, 2), steps(dice, 2));
    let more = dice.pick(&["", "", "except in group Execs", "limit 5 every day"]);
    (words(&format!("when {condition} then {steps} {more}")), more.is_empty())
}

fn policy(dice: &mut Dice, name: &str) -> (String, bool) {
    let mut clauses: Vec<String> = Vec::new();
    let mut add = |dice: &mut Dice, percent: u64, choices: &[&str]| {
        if dice.chance(percent) {
            clauses.push(dice.pick(choices).to_owned());
        }
    };
    add(
        dice,
        70,
        &[
            "for accounts",
            "for accounts in app Salesforce",
            "for accounts in apps (A, \"B C\")",
        ],
    );
    add(
        dice,
        60,
        &[
            "every day at 12:00 in America/New_York",
            "every monday, thursday at 09:00",
            "every 15min",
            "every month on 1 at 09:00",
            "on (user created by (signup, self), user suspended)",
            "on group joined Sales",
            "on lifecycle changed from active to (leave, gone)",
            "once at 2026-12-01T09:00:00Z",
        ],
    );
    add(dice, 10, &["activity from okta, salesforce logins only"]);
    let many = dice.chance(25);
    let when = condition(dice, 3);
    if !many {
        clauses.push(format!("when {when}"));
    }
    let except = condition(dice, 1);
    let except = format!("except {except}");
    let mut add = |dice: &mut Dice, percent: u64, choices: &[&str]| {
        if dice.chance(percent) {
            clauses.push(dice.pick(choices).to_owned());
        }
    };
    add(dice, 40, &[except.as_str()]);
    add(
        dice,
        30,
        &["reviewers ana@acme.example, bo@acme.example", "reviewers group \"It Desk\""],
    );
    add(
        dice,
        30,
        &[
            "limit 50",
            "limit the larger of 50 and 5%",
            "limit none \"few (enough)\"",
            "limit 5%",
        ],
    );
    add(dice, 10, &["count from activation"]);
    add(dice, 10, &["rank 1 in set-a"]);
    add(dice, 15, &["cancel on lifecycle changed to active"]);
    add(dice, 10, &["restart on group left (A, B)"]);
    if many {
        let (one, other, last) = (steps(dice, 1), steps(dice, 2), plain_steps(dice));
        let second = condition(dice, 1);
        clauses.push(format!(
            "when {when} then {one} when {second} then {other} otherwise then {last}"
        ));
    } else {
        clauses.push(format!("then {}", steps(dice, 3)));
    }
    let mut add = |dice: &mut Dice, percent: u64, choices: &[&str]| {
        if dice.chance(percent) {
            clauses.push(dice.pick(choices).to_owned());
        }
    };
    add(dice, 20, &["if kept notify owner \"Kept.\", snooze 90d"]);
    add(dice, 20, &["if failed notify admin"]);
    add(
        dice,
        20,
        &["report to admin", "report to (admin, ana@acme.example) including disabled"],
    );
    let ordered = !dice.chance(60) || {
        let when = clauses.iter().position(|clause| clause.starts_with("when"));
        let before = clauses.clone();
        mix(dice, &mut clauses);
        // A `then` stays behind its `when`.
        let then = clauses.iter().position(|clause| clause.starts_with("then"));
        let now = clauses.iter().position(|clause| clause.starts_with("when"));
        if let (Some(then), Some(now), Some(_)) = (then, now, when)
            && then < now
        {
            clauses.swap(then, now);
        }
        before == clauses
    };
    let title = dice.pick(&["", "", "\"What it does\""]);
    (format!("policy {name} {title} {}", clauses.join(" ")), ordered)
}

/// Changes the order, and says whether it is the same.
fn mix(dice: &mut Dice, list: &mut [String]) -> bool {
    if dice.chance(50) {
        return true;
    }
    let before = list.to_vec();
    for at in (1..list.len()).rev() {
        let other = usize::try_from(dice.below(at as u64 + 1)).unwrap();
        list.swap(at, other);
    }
    before == list
}

fn some(dice: &mut Dice, head: &str, fields: &[&str]) -> String {
    let mut phrase = head.to_owned();
    for field in fields {
        if dice.chance(60) {
            phrase = format!("{phrase} {field}");
        }
    }
    phrase
}

fn condition(dice: &mut Dice, depth: u64) -> String {
    if depth == 0 || dice.chance(30) {
        return dice.pick(TESTS).to_owned();
    }
    let inner = |dice: &mut Dice| match dice.below(4) {
        0 => {
            let inner = condition(dice, depth - 1);
            dice.pick(&["(#)", "not (#)", "((#))", "(((#)))"])
                .replace('#', &inner)
        }
        1 => format!("not {}", dice.pick(TESTS)),
        _ => dice.pick(TESTS).to_owned(),
    };
    let parts: Vec<String> = (0..=dice.below(4)).map(|_| inner(dice)).collect();
    parts.join(dice.pick(&[" and ", " or "]))
}

const TESTS: &[&str] = &[
    "inactive",
    "inactive > 90d",
    "inactive >= 1d12h",
    "never active",
    "in group Execs",
    "in group (Execs, \"Sales Team\", Leadership)",
    "in group Execs from okta for > 90d",
    "has permission \"Sales Cloud\"",
    "has role admin",
    "has session",
    "since hire_date > 30d",
    "until end_date <= -3d",
    "status = suspended",
    "department != \"Legal (and more) # not a comment\"",
    "email ends with \"@acme.example\"",
    "title not contains \"a \\\"b\\\"\"",
    "title matches \"^(Head|VP)\"",
    "department in (\"Sales\", \"Legal\")",
    "cost_center is known",
    "account.owner is unknown",
    "user.email = ceo@acme.example",
    "identity~state = inactive~long-term",
    "hire_date < 2026-11-20",
];

fn steps(dice: &mut Dice, most: u64) -> String {
    let count = dice.below(most) + 1;
    let mut steps: Vec<String> = vec![dice.pick(ASKS).to_owned()];
    for _ in 0..count {
        let step = match dice.below(8) {
            0 => call(dice),
            1 => format!("verify {} \"It must hold.\"", condition(dice, 1)),
            _ => dice.pick(STEPS).to_owned(),
        };
        let skip = dice.chance(10) && !step.starts_with("escalate");
        steps.push(if skip { format!("{step} or skip") } else { step });
    }
    steps.join(", ")
}

fn plain_steps(dice: &mut Dice) -> String {
    format!("{}, {}", dice.pick(STEPS), dice.pick(STEPS))
}

const ASKS: &[&str] = &[
    "ask owner",
    "ask owner \"Do you still need {{ app.label }}? Nobody used it for a long time.\" for 5bd \
     remind (3d, 1d)",
    "ask (manager, group \"It Desk\") with still-needed, escalate to (admin, \
     ana@acme.example) after 7d for 3d, if ignored keep",
    "notify owner, escalate after 7d, if ignored remove",
];

const STEPS: &[&str] = &[
    "wait 3d",
    "run webhook revoke",
    "run flow end-it with upn = \"x\", other = 5",
    "notify owner with seat-reclaimed",
    "notify app owner \"\"\"\n  Two\n    lines\n  \"\"\"",
    "task admin \"Take the badge.\" for 5d",
    "remove access",
    "unassign from app",
    "disable account",
    "revoke permission \"Sales Cloud\"",
    "require password change",
    "end sessions",
    "add to group (A, B)",
    "remove from group \"Salesforce Users\"",
    "assign role admin",
    "set lifecycle leave",
    "set department = \"None\"",
    "all of (disable account, remove from group (A, B), run webhook revoke)",
    "snooze 90d",
];

fn call(dice: &mut Dice) -> String {
    let url = dice.pick(&[
        "\"https://x.example/{{ upn }}\"",
        "\"https://graph.example/v1.0/users/a\"",
    ]);
    some(
        dice,
        &format!("call POST {url}"),
        &[
            "with bearer env GRAPH_TOKEN",
            "header \"X-Team\" = \"identity\"",
            "json \"\"\"{\"accountEnabled\": false}\"\"\"",
            "accept (404, 410)",
            "timeout 10s",
            "retry 3",
        ],
    )
}

fn test(dice: &mut Dice, number: u64) -> String {
    let facts = some(
        dice,
        "given account zoe in app Salesforce",
        &[
            ", owner zoe@acme.example",
            ", last_activity 120d ago",
            ", permission \"Sales Cloud\"",
            ", group Execs, role admin",
            ", department \"Sales\"",
        ],
    );
    let expects = some(
        dice,
        "expect match",
        &[
            "after 7d expect asked ana@acme.example",
            "after 14d expect no ran webhook revoke",
            "after 9d when owner decides keep expect run kept",
            "when account logs in expect no match",
        ],
    );
    format!("test \"it works {number}\" policy other {facts} {expects}")
}

/// Blanks, line breaks and comments between words, as they come.
#[derive(Debug)]
pub(crate) struct Layout {
    /// How many comments were written.
    pub(crate) comments: u64,
    wild: u64,
    noted: u64,
}

impl Layout {
    pub(crate) fn new(dice: &mut Dice) -> Self {
        Self {
            comments: 0,
            wild: dice.pick(&[0, 10, 60]),
            noted: dice.pick(&[0, 2, 10, 40]),
        }
    }

    fn comment(&mut self, dice: &mut Dice) -> String {
        self.comments += 1;
        let words =
            dice.pick(&["", " why", " \"open", " (open", " policy x", " it's  \t"]);
        format!("#c{};{words}", self.comments)
    }

    fn gap(&mut self, dice: &mut Dice, out: &mut String) {
        if dice.chance(self.noted) {
            for _ in 0..=dice.below(2) {
                out.push_str(dice.pick(&[" ", "\n  ", "\n\n\t", ""]));
                let comment = self.comment(dice);
                out.push_str(&comment);
                out.push_str(dice.pick(&["\n ", "\n     ", "\n\n  "]));
            }
        } else if dice.chance(self.wild) {
            out.push_str(dice.pick(&["   ", "\t", "\n ", "\n       ", "\n\n  "]));
        }
    }

    /// The text of an item.
    pub(crate) fn item(&mut self, dice: &mut Dice, words: &[String], out: &mut String) {
        let mut last = "";
        for (at, word) in words.iter().enumerate() {
            if at > 0 {
                let start = out.len();
                self.gap(dice, out);
                let is_sign =
                    |word: &str| word.starts_with([',', '(', ')', '<', '>', '=', '!']);
                let glued = is_sign(word) || is_sign(last);
                if out.len() == start && !(glued && dice.chance(50)) {
                    out.push(' ');
                }
            }
            out.push_str(&plain(word));
            last = word;
        }
        if dice.chance(self.noted) {
            out.push_str(dice.pick(&[" ", "\n    ", "\n\n  "]));
            let comment = self.comment(dice);
            out.push_str(&comment);
        }
        out.push('\n');
        self.between(dice, out);
    }

    /// What stands between two items.
    pub(crate) fn between(&mut self, dice: &mut Dice, out: &mut String) {
        out.push_str(dice.pick(&["", "\n", "\n", "\n\n\n"]));
        while dice.chance(self.noted) {
            let comment = self.comment(dice);
            out.push_str(dice.pick(&["", "", "   "]));
            out.push_str(&comment);
            out.push_str(dice.pick(&["\n", "\n\n"]));
        }
    }
}
