//! Items that say something of the data: apps, attributes, lifecycle, groups, and what
//! never happens.

use crate::diagnose::{Code, Diagnostic};
use crate::ir::{IdentityState, ValueKind};
use crate::syntax::ast::{
    App, AppField, AppFieldKind, Attribute, By, Forbidden, Group, Lifecycle,
    LifecycleState, NameRef, Never, Step, StepKind,
};
use crate::syntax::build::Cx;
use crate::syntax::grammar::Rule;
use crate::text::{Span, Spanned, fold, nearest};
use pest::iterators::Pair;

/// The types that an attribute can be declared with.
pub(super) const TYPES: [(&str, ValueKind); 6] = [
    ("text", ValueKind::Text),
    ("number", ValueKind::Number),
    ("bool", ValueKind::Bool),
    ("date", ValueKind::Instant),
    ("instant", ValueKind::Instant),
    ("user", ValueKind::User),
];

impl Cx<'_> {
    pub(super) fn app(&mut self, pair: Pair<'_, Rule>) -> Option<App> {
        let (mut keyword, mut name, mut fields) = (self.span(&pair), None, Vec::new());
        let mut inner = pair.into_inner().peekable();
        if let Some(first) = inner.next() {
            keyword = self.span(&first);
        }
        if let Some(named) = inner.next_if(|pair| pair.as_rule() == Rule::line_ref) {
            name = Some(self.name_ref(named));
        } else {
            self.nameless(keyword, "app");
        }
        for field in inner {
            let span = self.span(&field);
            let kind = match field.as_rule() {
                Rule::app_activity => Some(AppFieldKind::Activity(self.activity(field))),
                Rule::app_deprovision => self.app_deprovision(field),
                Rule::app_permission => self.app_permission(field),
                Rule::app_step => self.app_step(field),
                _ => {
                    self.bad_app_field(&field);
                    None
                }
            };
            fields.extend(kind.map(|kind| AppField { kind, span }));
        }
        Some(App { name: name?, fields })
    }

    /// `with flow F`, `with webhook W`, somewhere in a field.
    fn by(&mut self, pair: Pair<'_, Rule>) -> Option<By> {
        let by = pair.into_inner().find(|inner| inner.as_rule() == Rule::app_by)?;
        let mut flow = false;
        for inner in by.into_inner() {
            match inner.as_rule() {
                Rule::kw_flow => flow = true,
                Rule::line_ref => {
                    let name = self.name_ref(inner);
                    return Some(if flow { By::Flow(name) } else { By::Webhook(name) });
                }
                _ => {}
            }
        }
        None
    }

    /// `deprovision with …` the account, `deprovision permissions with …` what it holds.
    fn app_deprovision(&mut self, pair: Pair<'_, Rule>) -> Option<AppFieldKind> {
        let of_permissions = |inner: &Pair<'_, Rule>| {
            matches!(inner.as_rule(), Rule::kw_permission | Rule::kw_permissions)
        };
        let Some(word) = pair.clone().into_inner().find(of_permissions) else {
            return self.by(pair).map(AppFieldKind::Deprovision);
        };
        if word.as_rule() == Rule::kw_permission {
            let (span, right) = (self.span(&word), "permissions");
            let message = "`deprovision permission with` is about all of them";
            self.report(
                Diagnostic::error(Code::Syntax, span, message)
                    .label("one is named before `deprovision`")
                    .help(format!(
                        "write `{right}`, or `permission NAME deprovision with …` for one"
                    ))
                    .fix(span, right),
            );
        }
        self.by(pair).map(AppFieldKind::Permissions)
    }

    fn app_permission(&mut self, pair: Pair<'_, Rule>) -> Option<AppFieldKind> {
        self.plural(&pair, Rule::kw_permissions, "permission");
        let mut inner = pair.clone().into_inner();
        let name = inner.find(|inner| inner.as_rule() == Rule::app_permission_ref)?;
        let permission = self.name_ref(name);
        Some(AppFieldKind::Permission { permission, by: self.by(pair)? })
    }

    fn app_step(&mut self, pair: Pair<'_, Rule>) -> Option<AppFieldKind> {
        let phrase = pair.clone().into_inner().next()?;
        let span = self.span(&phrase);
        let kind = match phrase.into_inner().next()?.as_rule() {
            Rule::kw_end => StepKind::EndSessions,
            Rule::kw_disable => StepKind::DisableAccount,
            Rule::kw_delete => StepKind::DeleteAccount,
            Rule::kw_unassign => StepKind::UnassignFromApp,
            Rule::kw_revoke => StepKind::RevokePermission(Vec::new()),
            _ => StepKind::RequirePasswordChange,
        };
        let step = Step { kind, or_skip: false, span };
        Some(AppFieldKind::Step { step, by: self.by(pair)? })
    }

    pub(super) fn attribute_item(&mut self, pair: Pair<'_, Rule>) -> Option<Attribute> {
        let before = self.made;
        let (mut keyword, mut name) = (self.span(&pair), None);
        let (mut kind, mut editable, mut typed) = (None, None, None);
        for inner in pair.into_inner() {
            let span = self.span(&inner);
            match inner.as_rule() {
                Rule::kw_attribute => keyword = span,
                Rule::item_path => name = self.path(inner),
                Rule::attribute_type => typed = Some(span),
                Rule::editable => editable = Some(span),
                _ => self.behind_attribute(span, typed),
            }
        }
        if self.made == before
            && let Some(typed) = typed
        {
            kind = self.attribute_type(typed);
        }
        let Some(name) = name else {
            self.nameless(keyword, "attribute");
            return None;
        };
        if typed.is_none() && self.made == before {
            let written = self.snippet(name.span);
            let behind =
                Span::new(self.file, name.span.end as usize, name.span.end as usize);
            let message = format!("the attribute `{written}` has no type");
            self.report(
                Diagnostic::error(Code::MissingClause, name.span, message)
                    .label("no type behind it")
                    .help(format!(
                        "write `attribute {written} text`, or another of {}",
                        types()
                    ))
                    .maybe(behind, " text"),
            );
        }
        Some(Attribute { name, kind, editable })
    }

    fn attribute_type(&mut self, span: Span) -> Option<Spanned<ValueKind>> {
        let written = self.snippet(span);
        if let Some((_, kind)) = TYPES.iter().find(|(name, _)| *name == written) {
            return Some(Spanned::new(*kind, span));
        }
        let meant = match fold(written).as_str() {
            "string" | "str" | "varchar" | "char" | "enum" | "email" => Some("text"),
            "int" | "integer" | "float" | "decimal" | "double" | "numeric" => {
                Some("number")
            }
            "boolean" | "flag" | "yesno" => Some("bool"),
            "datetime" | "timestamp" | "time" => Some("instant"),
            "day" => Some("date"),
            "person" | "identity" | "owner" | "manager" => Some("user"),
            _ => nearest(written, TYPES.iter().map(|(name, _)| *name)).first().copied(),
        };
        let message = format!("no type named `{written}`");
        let mut finding =
            Diagnostic::error(Code::UnknownType, span, message).label("not a type");
        finding = match meant {
            Some(meant) => finding.help(format!("write `{meant}`")).maybe(span, meant),
            None => finding.help(format!("the types are {}", types())),
        };
        self.report(finding);
        None
    }

    /// What stands behind an attribute's type, or between its name and its type.
    fn behind_attribute(&mut self, span: Span, typed: Option<Span>) {
        let rest = self.snippet(span);
        let first = rest.split_whitespace().next().unwrap_or_default();
        let known = |word: &str| TYPES.iter().any(|(name, _)| *name == word);
        let place =
            Span::new(self.file, span.start as usize, span.start as usize + first.len());
        match typed {
            // `attribute cost_center: text`, `attribute cost_center as text`.
            None if matches!(first, ":" | "=") || first.starts_with([':', '=']) => {
                let sign =
                    Span::new(self.file, span.start as usize, span.start as usize + 1);
                let message = format!(
                    "a type stands behind its attribute without `{}`",
                    self.snippet(sign)
                );
                let glued = !rest.get(1..).is_some_and(|rest| rest.starts_with(' '));
                self.report(
                    Diagnostic::error(Code::Syntax, sign, message)
                        .label("not needed")
                        .help("write `attribute cost_center text`")
                        .fix(sign, if glued { " " } else { "" }),
                );
            }
            Some(typed) if known(first) => {
                let between = self.snippet(typed);
                if matches!(between, "as" | "is" | "of" | "type" | "be") {
                    let message =
                        format!("a type stands behind its attribute without `{between}`");
                    let until = Span { end: span.start, ..typed };
                    self.report(
                        Diagnostic::error(Code::Syntax, typed, message)
                            .label("not needed")
                            .help("write `attribute cost_center text`")
                            .fix(until, ""),
                    );
                    return;
                }
                let message = "the name of an attribute is one word";
                self.report(
                    Diagnostic::error(Code::UnquotedName, typed, message)
                        .label("a second word before the type")
                        .help("write the name of the column as it is in the data, in quotes if it holds blanks"),
                );
            }
            _ => {
                let message = format!("`{first}` is not expected here");
                let mut finding = Diagnostic::error(Code::Syntax, place, message)
                    .label("does not fit behind the type");
                finding = if matches!(first, "editable" | "edited" | "self") {
                    finding
                        .help("write `editable by self`")
                        .maybe(span, "editable by self")
                } else {
                    finding.help(
                        "an attribute ends with its type, or with `editable by self`",
                    )
                };
                self.report(finding);
            }
        }
    }

    pub(super) fn lifecycle(&mut self, pair: Pair<'_, Rule>) -> Lifecycle {
        let before = self.made;
        let mut lifecycle = Lifecycle { keyword: self.span(&pair), states: Vec::new() };
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::kw_lifecycle => lifecycle.keyword = self.span(&inner),
                Rule::lifecycle_state => {
                    lifecycle.states.extend(self.lifecycle_state(inner));
                }
                _ => self.bad_state(&inner),
            }
        }
        if lifecycle.states.is_empty() && self.made == before {
            let message = "`lifecycle` names no state";
            self.report(
                Diagnostic::error(Code::MissingClause, lifecycle.keyword, message)
                    .label("nothing follows")
                    .help("write `terminated is inactive short-term`, for example, in a line of its own"),
            );
        }
        lifecycle
    }

    fn lifecycle_state(&mut self, pair: Pair<'_, Rule>) -> Option<LifecycleState> {
        let mut inner = pair.into_inner();
        let name = self.name(&inner.next()?);
        let (mut identity, mut disabled) = (None, None);
        for part in inner {
            let span = self.span(&part);
            match part.as_rule() {
                Rule::state_meaning => identity = self.identity_state(span),
                Rule::kw_disabled => disabled = Some(span),
                _ => {}
            }
        }
        Some(LifecycleState { name, identity: identity?, disabled })
    }

    fn identity_state(&mut self, span: Span) -> Option<Spanned<IdentityState>> {
        const STATES: [&str; 3] = ["active", "inactive short-term", "inactive long-term"];
        let words = self.snippet(span).split_whitespace().collect::<Vec<_>>().join(" ");
        if let Some(state) = STATES.iter().find(|state| **state == words) {
            return IdentityState::parse(state).map(|state| Spanned::new(state, span));
        }
        let message = format!("`{words}` is no identity state");
        let mut finding = Diagnostic::error(Code::UnknownValue, span, message)
            .label("not one of the three");
        let list = STATES.map(|state| format!("`{state}`")).join(", ");
        let near = match fold(&words).as_str() {
            "short-term" | "inactive short" | "inactive short term" | "short term" => {
                Some("inactive short-term")
            }
            "long-term" | "inactive long" | "inactive long term" | "long term" => {
                Some("inactive long-term")
            }
            // Which of the two, nobody can tell.
            "inactive" => None,
            words => nearest(words, STATES).into_iter().next(),
        };
        finding = match near {
            Some(near) => finding.help(format!("write `{near}`")).maybe(span, near),
            None if words == "inactive" => finding
                .help("write `inactive short-term` or `inactive long-term`")
                .maybe(span, "inactive short-term")
                .maybe(span, "inactive long-term"),
            None => finding.help(format!("the identity states are {list}")),
        };
        self.report(finding);
        None
    }

    fn bad_state(&mut self, pair: &Pair<'_, Rule>) {
        let span = self.span(pair);
        let written = self.snippet(span);
        if written == "," {
            self.report(
                Diagnostic::error(Code::Syntax, span, "states stand without commas")
                    .label("not needed")
                    .help("each stands in a line of its own")
                    .fix(span, ""),
            );
            return;
        }
        let line = written.lines().next().unwrap_or_default().trim_end();
        let place =
            Span::new(self.file, span.start as usize, span.start as usize + line.len());
        let message = format!("`{line}` is no lifecycle state");
        self.report(
            Diagnostic::error(Code::Syntax, place, message)
                .label("a state is written `NAME is …`")
                .help(
                    "write `terminated is inactive short-term`, for example; behind `is` \
                     stands `active`, `inactive short-term` or `inactive long-term`",
                ),
        );
    }

    pub(super) fn group_item(&mut self, pair: Pair<'_, Rule>) -> Option<Group> {
        let before = self.made;
        let (mut keyword, mut name, mut source) = (self.span(&pair), None, None);
        for inner in pair.into_inner() {
            let span = self.span(&inner);
            match inner.as_rule() {
                Rule::kw_group => keyword = span,
                Rule::line_ref => {
                    let named = self.name_ref(inner);
                    name = Some(self.one_word(named, "group"));
                }
                Rule::group_source => source = self.group_source(inner),
                _ => {
                    let token = self.first_token(span);
                    let message =
                        format!("`{}` is not expected here", self.snippet(token));
                    self.report(
                        Diagnostic::error(Code::Syntax, token, message)
                            .label("does not fit here")
                            .help("a group is declared with `group NAME in SOURCE`"),
                    );
                }
            }
        }
        if name.is_none() && self.made == before {
            self.nameless(keyword, "group");
        } else if let Some(name) = &name
            && source.is_none()
            && self.made == before
        {
            let message = format!("the group `{}` has no source", name.value);
            self.report(
                Diagnostic::error(Code::MissingClause, name.span, message)
                    .label("made where")
                    .help(
                        "write `group NAME in SOURCE`: it is made there at its first use",
                    ),
            );
        }
        Some(Group { name: name?, source })
    }

    fn group_source(&mut self, pair: Pair<'_, Rule>) -> Option<Spanned<String>> {
        let mut inner = pair.into_inner();
        let word = inner.next()?;
        if word.as_rule() == Rule::kw_from {
            let span = self.span(&word);
            self.report(
                Diagnostic::error(
                    Code::Syntax,
                    span,
                    "a group is declared `in` its source",
                )
                .label("`from` is for groups that are there")
                .help("write `in`")
                .fix(span, "in"),
            );
        }
        Some(self.name(&inner.next()?))
    }

    /// A name that must be one word; several are refused as a name without its quotes.
    fn one_word(&mut self, name: NameRef, what: &str) -> Spanned<String> {
        let Some(last) = name.more.last() else { return name.name };
        let span = name.name.span.to(last.span);
        let words = self.snippet(span).split_whitespace().collect::<Vec<_>>().join(" ");
        let words = words.replace('"', "");
        let message = format!("`{words}` stands without quotes");
        self.report(
            Diagnostic::error(Code::UnquotedName, span, message)
                .label(format!("one {what} of several words"))
                .help(format!("write `\"{words}\"`"))
                .fix(span, format!("\"{words}\"")),
        );
        Spanned::new(words, span)
    }

    pub(super) fn never(&mut self, pair: Pair<'_, Rule>) -> Option<Never> {
        let before = self.made;
        let (mut keyword, mut forbidden, mut when) = (self.span(&pair), None, None);
        let mut seen_when = false;
        for inner in pair.into_inner() {
            let span = self.span(&inner);
            match inner.as_rule() {
                Rule::kw_never => keyword = span,
                Rule::never_what => forbidden = Some(self.forbidden(inner)),
                Rule::kw_when => seen_when = true,
                Rule::condition => when = Some(self.condition(inner)),
                Rule::leftover if seen_when => self.leftover_behind_condition(&inner),
                _ => {
                    let token = self.first_token(span);
                    let message =
                        format!("`{}` is not expected here", self.snippet(token));
                    self.report(
                        Diagnostic::error(Code::Syntax, token, message)
                            .label("does not fit here")
                            .help("write `never STEP when CONDITION`, several steps in parentheses"),
                    );
                }
            }
        }
        if self.made == before {
            let missing = match (&forbidden, &when) {
                (None, _) => Some("says nothing that must not happen"),
                (Some(_), None) => Some("needs a `when`"),
                (Some(_), Some(_)) => None,
            };
            if let Some(missing) = missing {
                self.report(
                    Diagnostic::error(
                        Code::MissingClause,
                        keyword,
                        format!("`never` {missing}"),
                    )
                    .label("something is missing behind it")
                    .help(
                        "write `never delete account when in group Execs`, for example",
                    ),
                );
            }
        }
        Some(Never { keyword, forbidden: forbidden?, when })
    }

    fn forbidden(&mut self, pair: Pair<'_, Rule>) -> Forbidden {
        let (mut steps, mut open) = (Vec::new(), None);
        let whole = self.span(&pair);
        for inner in pair.into_inner() {
            let span = self.span(&inner);
            match inner.as_rule() {
                Rule::open => open = Some(whole),
                Rule::take_access => {
                    if let Some(whole) = open {
                        self.bare_take(whole);
                    }
                    return Forbidden::TakeAccess(span);
                }
                Rule::never_step => steps.push(self.step(inner)),
                _ => {}
            }
        }
        Forbidden::Steps(steps)
    }

    /// `(take access)`, which is all that takes, and needs no list.
    fn bare_take(&mut self, span: Span) {
        let message = "`take access` stands without parentheses";
        self.report(
            Diagnostic::error(Code::Syntax, span, message)
                .label("no step, but all of those that take")
                .help("write `take access`")
                .fix(span, "take access"),
        );
    }

    /// The first word or sign of a stretch.
    pub(in crate::syntax) fn first_token(&self, span: Span) -> Span {
        self.token_at(span.start as usize, span.end as usize)
    }
}

fn types() -> String {
    TYPES.map(|(name, _)| format!("`{name}`")).join(", ")
}
