//! The commands: entries that begin with a colon.

use crate::text::nearest;

/// A command with what follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Command<'a> {
    /// `:help`
    Help,
    /// `:accounts`
    Accounts,
    /// `:users`
    Users,
    /// `:grants`
    Grants,
    /// `:now`, `:now 2026-12-01`, `:now +7d`
    Now(&'a str),
    /// `:explain SUBJECT`
    Explain(&'a str),
    /// `:undecided`
    Undecided,
    /// `:sql CONDITION`
    Sql(&'a str),
    /// `:show SUBJECT`
    Show(&'a str),
    /// `:names [KIND]`
    Names(&'a str),
    /// `:load FILE`
    Load(&'a str),
    /// `:plan [POLICY]`
    Plan(&'a str),
    /// `:quit`
    Quit,
}

/// The commands, what follows each, and what it does.
pub(super) const COMMANDS: &[(&str, &str, &str)] = &[
    ("help", "", "this"),
    ("accounts", "", "conditions are about accounts, as at the start"),
    ("users", "", "conditions are about users"),
    ("grants", "", "conditions are about permissions that accounts hold"),
    ("explain", "SUBJECT", "why the last condition or policy matches it, or does not"),
    ("undecided", "", "whom the last condition or policy leaves undecided"),
    ("show", "SUBJECT", "what is on record about an account, a user or a grant"),
    ("names", "[KIND]", "apps, groups, permissions, roles, attributes, …"),
    ("now", "[INSTANT]", "the clock; `:now +7d` and `:now 2026-12-01` move it"),
    ("plan", "[POLICY]", "what the policies of this session would open now"),
    ("load", "FILE", "policies and definitions from a file or folder"),
    ("sql", "CONDITION", "the statement that a condition becomes"),
    ("quit", "", "leave; so does Ctrl-D"),
];

const HEAD: &str = "\
type a condition to see whom it matches:
  inactive > 90d and not in group Execs
  users where department = \"Legal\"
  accounts in app Salesforce where never active
  grants in app Salesforce where inactive > 90d
type a policy to see what it would do; definitions, webhooks and templates are remembered.
an entry of several lines ends with an empty line; Ctrl-C drops it.

";

/// What `:help` says.
pub(super) fn help() -> String {
    let lines = COMMANDS.iter().map(|(name, what, does)| {
        let form = format!(":{name} {what}");
        format!("{form:<20} {does}\n")
    });
    HEAD.to_owned() + &lines.collect::<String>()
}

/// Reads what stands behind the colon.
pub(super) fn parse(text: &str) -> Result<Command<'_>, String> {
    let text = text.trim();
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let rest = rest.trim();
    let needed = |what: &str| {
        if rest.is_empty() { Err(format!("write `:{word} {what}`")) } else { Ok(rest) }
    };
    Ok(match word {
        "help" | "h" | "?" => Command::Help,
        "accounts" => Command::Accounts,
        "users" => Command::Users,
        "grants" => Command::Grants,
        "now" => Command::Now(rest),
        "explain" => Command::Explain(needed("SUBJECT")?),
        "undecided" => Command::Undecided,
        "sql" => Command::Sql(needed("CONDITION")?),
        "show" => Command::Show(needed("SUBJECT")?),
        "names" => Command::Names(rest),
        "load" => Command::Load(needed("FILE")?),
        "plan" => Command::Plan(rest),
        "quit" | "q" | "exit" => Command::Quit,
        _ => return Err(unknown(word)),
    })
}

fn unknown(word: &str) -> String {
    let known = COMMANDS.iter().map(|(name, ..)| *name);
    match nearest(word, known).first() {
        Some(near) => format!("there is no command `:{word}`; did you mean `:{near}`?"),
        None => format!("there is no command `:{word}`; :help lists them"),
    }
}
