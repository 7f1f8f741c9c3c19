//! From the tree of a filter to a condition over users.

use crate::catalog::Catalog;
use crate::ir::{
    Attribute, Condition, ConditionKind, Field, IdentityState, Level, Op, Scope,
    SubjectKind, Test as Question, TestKind, TextTest, Value, ValueKind,
};
use crate::query::{Ask, Moment, Selection};
use crate::scim_filter::attribute::{Meaning, meaning};
use crate::scim_filter::{Filter, FilterError, Literal, Operator, Test};
use crate::store::{Store, StoreError};
use crate::text::{FileId, Span, fold, nearest};
use crate::time::Timestamp;

/// The statuses there are.
const STATUSES: [&str; 5] = ["staged", "active", "suspended", "disabled", "deleted"];

/// All users, long inactive ones as well.
pub const fn long_term() -> Scope {
    Scope {
        kind: SubjectKind::User,
        apps: Vec::new(),
        long_term: true,
    }
}

/// The numbers of the users for whom a condition is true, whatever their identity state.
pub fn users(
    store: &Store,
    condition: &Condition,
    now: Timestamp,
) -> Result<Vec<i64>, StoreError> {
    let scope = long_term();
    let stale = store.stale();
    let selection = Selection {
        scope: &scope,
        when: condition,
        except: None,
        blocked: None,
        at: Moment::at(now),
        activity: None,
        stale: stale.as_deref(),
    };
    store.subjects(&selection, Ask::Matched)
}

impl Filter {
    /// The condition that says the same, with the names of a store.
    pub fn condition(&self, catalog: &Catalog) -> Result<Condition, FilterError> {
        let all = |parts: &[Self]| {
            let parts = parts.iter().map(|part| part.condition(catalog));
            parts.collect::<Result<Vec<_>, _>>()
        };
        Ok(match self {
            Self::And(parts) => made(ConditionKind::And(all(parts)?)),
            Self::Or(parts) => made(ConditionKind::Or(all(parts)?)),
            Self::Not(inner) => not(inner.condition(catalog)?),
            Self::Test(test) => test.condition(catalog)?,
        })
    }
}

impl Test {
    fn condition(&self, catalog: &Catalog) -> Result<Condition, FilterError> {
        match meaning(self, catalog)? {
            Meaning::Of(attribute) => self.of(attribute, catalog),
            Meaning::UserName(names) => self.user_name(names, catalog),
            Meaning::Active => self.active(),
        }
    }

    /// `userName`: whoever has no other name goes by the address.
    fn user_name(
        &self,
        [name, address]: [Attribute; 2],
        catalog: &Catalog,
    ) -> Result<Condition, FilterError> {
        if self.operator == Operator::NotEqual {
            let equal = Self { operator: Operator::Equal, ..self.clone() };
            return Ok(not(equal.user_name([name, address], catalog)?));
        }
        if matches!(self.value, None | Some(Literal::Null)) {
            return self.of(address, catalog);
        }
        let named = TestKind::Known { attribute: name.clone(), known: true };
        let nameless = not(self.question(named));
        let by_address = vec![nameless, self.of(address, catalog)?];
        Ok(made(ConditionKind::Or(vec![
            self.of(name, catalog)?,
            made(ConditionKind::And(by_address)),
        ])))
    }

    fn of(
        &self,
        attribute: Attribute,
        catalog: &Catalog,
    ) -> Result<Condition, FilterError> {
        let known =
            self.question(TestKind::Known { attribute: attribute.clone(), known: true });
        let Some(value) = &self.value else { return Ok(known) };
        let positive = match (self.operator, value) {
            (Operator::Equal, Literal::Null) => return Ok(not(known)),
            (Operator::NotEqual, Literal::Null) => return Ok(known),
            (Operator::Equal | Operator::NotEqual, value) => {
                let value = self.value(&attribute, value, catalog)?;
                TestKind::Compare { attribute, op: Op::Eq, value }
            }
            (Operator::Contains | Operator::StartsWith | Operator::EndsWith, value) => {
                self.part(attribute, value)?
            }
            (operator, value) => self.order(attribute, operator, value, catalog)?,
        };
        // What is not on record equals nothing, and is nowhere on either side of anything.
        let found = made(ConditionKind::And(vec![known, self.question(positive)]));
        Ok(if self.operator == Operator::NotEqual { not(found) } else { found })
    }

    /// `active`: whether the status is active.
    fn active(&self) -> Result<Condition, FilterError> {
        let attribute = Attribute {
            level: Level::User,
            field: Field::Status,
            kind: ValueKind::Status,
        };
        let known =
            self.question(TestKind::Known { attribute: attribute.clone(), known: true });
        let value = Value::Text("active".to_owned());
        let is = TestKind::Compare { attribute, op: Op::Eq, value };
        let active = made(ConditionKind::And(vec![known.clone(), self.question(is)]));
        match (self.operator, &self.value) {
            (Operator::Present, _) => Ok(known),
            (Operator::Equal, Some(Literal::Bool(true)))
            | (Operator::NotEqual, Some(Literal::Bool(false))) => Ok(active),
            (Operator::Equal, Some(Literal::Bool(false)))
            | (Operator::NotEqual, Some(Literal::Bool(true))) => Ok(not(active)),
            _ => Err(self
                .unfit("`active` is true or false")
                .help("write `active eq true`")),
        }
    }

    /// The value of an equality, of the attribute's own type.
    fn value(
        &self,
        attribute: &Attribute,
        value: &Literal,
        catalog: &Catalog,
    ) -> Result<Value, FilterError> {
        match attribute.kind {
            ValueKind::Instant => self.instant(value),
            ValueKind::Status => self.one_of(value, &STATUSES),
            ValueKind::Lifecycle => {
                let states: Vec<_> =
                    catalog.lifecycle.iter().map(String::as_str).collect();
                self.one_of(value, &states)
            }
            ValueKind::IdentityState => self.identity_state(value),
            _ => Ok(Value::Text(match value {
                Literal::Text(text) | Literal::Number(text) => text.clone(),
                Literal::Bool(value) => value.to_string(),
                Literal::Null => String::new(),
            })),
        }
    }

    /// `ACTIVE`, `INACTIVE_SHORT_TERM`, `INACTIVE_LONG_TERM`, in any case, or as the language
    /// writes them.
    fn identity_state(&self, value: &Literal) -> Result<Value, FilterError> {
        let states =
            [IdentityState::Active, IdentityState::ShortTerm, IdentityState::LongTerm];
        let found = match value {
            Literal::Text(text) => states.into_iter().find(|state| {
                fold(text) == state.name() || fold(text) == fold(scim_name(*state))
            }),
            _ => None,
        };
        let found = found.ok_or_else(|| {
            self.unfit(&format!("{} is no identity state", said(value))).help(
                "write \"ACTIVE\", \"INACTIVE_SHORT_TERM\" or \"INACTIVE_LONG_TERM\"",
            )
        })?;
        Ok(Value::Text(found.name().to_owned()))
    }

    fn one_of(&self, value: &Literal, known: &[&str]) -> Result<Value, FilterError> {
        if let Literal::Text(text) = value
            && let Some(found) = known.iter().find(|it| fold(it) == fold(text))
        {
            return Ok(Value::Text((*found).to_owned()));
        }
        let Self { attribute, .. } = self;
        let unfit = self.unfit(&format!("{} is no value of `{attribute}`", said(value)));
        let near = match value {
            Literal::Text(text) => nearest(text, known.iter().copied()),
            _ => Vec::new(),
        };
        Err(match near.first() {
            Some(near) => unfit.help(format!("did you mean \"{near}\"?")),
            None => unfit.help(format!("it is one of {}", known.join(", "))),
        })
    }

    fn instant(&self, value: &Literal) -> Result<Value, FilterError> {
        let at = match value {
            Literal::Text(text) => Timestamp::parse(text),
            _ => None,
        };
        at.map(Value::Instant).ok_or_else(|| {
            self.unfit(&format!("{} is no instant", said(value)))
                .help("write \"2026-11-20T12:00:00Z\"")
        })
    }

    /// `co`, `sw`, `ew`.
    fn part(
        &self,
        attribute: Attribute,
        value: &Literal,
    ) -> Result<TestKind, FilterError> {
        let test = match self.operator {
            Operator::StartsWith => TextTest::StartsWith,
            Operator::EndsWith => TextTest::EndsWith,
            _ => TextTest::Contains,
        };
        let text = attribute.kind == ValueKind::Text;
        match value {
            Literal::Text(words) if text => {
                Ok(TestKind::Text { attribute, test, words: words.clone() })
            }
            Literal::Text(_) => Err(self.unsupported("is no text")),
            value => Err(self.unfit(&format!("{} is no text", said(value)))),
        }
    }

    /// `gt`, `ge`, `lt`, `le`.
    fn order(
        &self,
        attribute: Attribute,
        operator: Operator,
        value: &Literal,
        catalog: &Catalog,
    ) -> Result<TestKind, FilterError> {
        let op = match operator {
            Operator::Greater => Op::Gt,
            Operator::GreaterOrEqual => Op::Ge,
            Operator::Less => Op::Lt,
            _ => Op::Le,
        };
        if attribute.kind != ValueKind::Instant {
            return Err(self.unsupported("has no order"));
        }
        let value = self.value(&attribute, value, catalog)?;
        Ok(TestKind::Compare { attribute, op, value })
    }

    fn unsupported(&self, why: &str) -> FilterError {
        let Self { attribute, operator, .. } = self;
        let operator = operator.name();
        FilterError::new(self.at, format!("`{attribute}` {why}: it has no `{operator}`"))
            .help("write `eq`, `ne` or `pr`")
    }

    fn unfit(&self, message: &str) -> FilterError {
        FilterError::new(self.value_at, message)
    }

    /// The question as a condition, in its own words.
    fn question(&self, kind: TestKind) -> Condition {
        let operator = self.operator.name();
        let value = self.value.as_ref().map(|value| format!(" {}", said(value)));
        let text = format!("{} {operator}{}", self.attribute, value.unwrap_or_default());
        made(ConditionKind::Test(Question { kind, text }))
    }
}

/// As other systems write an identity state.
pub fn scim_name(state: IdentityState) -> &'static str {
    match state {
        IdentityState::Active => "ACTIVE",
        IdentityState::ShortTerm => "INACTIVE_SHORT_TERM",
        IdentityState::LongTerm => "INACTIVE_LONG_TERM",
    }
}

fn said(value: &Literal) -> String {
    match value {
        Literal::Text(text) => format!("\"{text}\""),
        Literal::Number(number) => number.clone(),
        Literal::Bool(value) => value.to_string(),
        Literal::Null => "null".to_owned(),
    }
}

fn not(inner: Condition) -> Condition {
    made(ConditionKind::Not(Box::new(inner)))
}

fn made(kind: ConditionKind) -> Condition {
    Condition { kind, span: Span::new(FileId(0), 0, 0) }
}
