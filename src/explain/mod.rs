//! Why: what a policy or a condition says of one subject, as a tree of facts, and that tree
//! in prose.
//!
//! Looks at one subject's facts and at nothing else, so it takes as long over a million
//! accounts as over ten.

mod fact;
mod forecast;
mod inquire;
mod prose;

pub use crate::explain::fact::{Evidence, Fact, FactKind};
pub use crate::explain::inquire::{Inquiry, gone, inquire};
pub use crate::explain::prose::prose;

use crate::facts::Facts;
use crate::ir::{Condition, Orders, Policy, Scope};
use crate::query::{Moment, Truth, aged, blame, evaluate};
use crate::time::Timestamp;
use serde::Serialize;

/// What is asked about a subject.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The name of the policy, where it is one.
    pub policy: Option<&'a str>,
    /// The subjects it looks at.
    pub scope: &'a Scope,
    /// What must be true.
    pub when: &'a Condition,
    /// What must be false.
    pub except: Option<&'a Condition>,
    /// Which sources say when an account was last used, where the policy or an app says so.
    pub activity: Option<&'a Orders>,
}

/// Why a question comes out as it does.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explanation {
    /// The form of this document.
    pub schema: &'static str,
    /// The policy, where it is one.
    pub policy: Option<String>,
    /// About whom.
    pub subject: String,
    /// The user, or the account's owner; nothing for an orphan.
    pub user: Option<String>,
    /// The instant it holds for.
    pub now: Timestamp,
    /// How it comes out.
    pub verdict: Verdict,
    /// Why the subject is not looked at, where it is not: whatever the condition says.
    pub out_of_scope: Option<&'static str>,
    /// The attributes whose absence leaves it undecided.
    pub missing: Vec<String>,
    /// How old the data is that is too old to decide it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stale: Vec<String>,
    /// The condition, with the truth of each part.
    pub when: Fact,
    /// The exception, likewise.
    pub except: Option<Fact>,
    /// When time alone will change how it comes out, to a match or from one.
    pub turns: Option<Turn>,
    /// The events that a run opens at, where none opens without one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub only_on: Vec<String>,
    /// The policy of a better rank that it is left to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_to: Option<String>,
    /// What is under way for this subject.
    pub pending: Vec<String>,
}

/// How a question comes out: as in a plan, each subject counts for the first that applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The condition is false.
    NoMatch,
    /// The exception holds.
    Excepted,
    /// What decides is not on record.
    Undecided,
    /// The condition is true, and no exception is.
    Match,
}

/// A change that time alone will bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Turn {
    /// When.
    pub at: Timestamp,
    /// To what.
    pub to: Verdict,
}

/// Why a question comes out as it does for the subject of these facts.
pub fn explain(
    question: &Question<'_>,
    facts: &Facts,
    at: impl Into<Moment>,
) -> Explanation {
    let at = at.into();
    let Question { policy, when, except, .. } = *question;
    let missing = blame(when, except, facts, at);
    Explanation {
        schema: "tenure.explanation/1",
        policy: policy.map(str::to_owned),
        subject: facts.subject.name.clone(),
        user: facts.user.as_ref().map(|user| user.email.clone()),
        now: at.now,
        verdict: verdict(question, facts, at),
        out_of_scope: None,
        stale: aged(&missing, facts),
        missing,
        when: fact::fact(when, facts, at),
        except: except.map(|except| fact::fact(except, facts, at)),
        turns: forecast::turn(question, facts, at),
        only_on: Vec::new(),
        left_to: None,
        pending: Vec::new(),
    }
}

impl<'a> From<&'a Policy> for Question<'a> {
    fn from(policy: &'a Policy) -> Self {
        Self {
            policy: Some(&policy.name),
            scope: &policy.scope,
            when: &policy.when,
            except: policy.except.as_ref(),
            activity: policy.activity.as_ref(),
        }
    }
}

fn verdict(question: &Question<'_>, facts: &Facts, at: Moment) -> Verdict {
    let excepted = |except: &Condition| evaluate(except, facts, at);
    let excepted = question.except.map_or(Truth::False, excepted);
    match (evaluate(question.when, facts, at), excepted) {
        (Truth::False, _) => Verdict::NoMatch,
        (_, Truth::True) => Verdict::Excepted,
        (Truth::Unknown, _) | (_, Truth::Unknown) => Verdict::Undecided,
        (Truth::True, Truth::False) => Verdict::Match,
    }
}
