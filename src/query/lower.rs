//! A condition to an expression.

use crate::facts::Stale;
use crate::ir::{
    Attribute, Condition, ConditionKind, Field, Op, Orders, RoleRef, SubjectKind, Test,
    TestKind,
};
use crate::query::column::{
    Column, CustomTable, Home, column, custom_value, of_user, permission_names, user_key,
};
use crate::query::links::{Around, Link, link};
use crate::query::predicate::{Predicate, bind_of, predicate};
use crate::query::shape::Shape;
use crate::query::sql::{Bind, Cost, Expr, Params, Sets};
use crate::query::want::Want;
use crate::query::{Moment, Selection, Statistics, signs};

/// What lowering needs, and what it leaves behind.
pub(crate) struct Lower<'a> {
    /// What the condition is about.
    pub(crate) kind: SubjectKind,
    /// When it is asked.
    pub(crate) at: Moment,
    /// Which sets are built once; others are looked into for each subject.
    pub(crate) shape: Shape,
    /// How large the sets are.
    pub(crate) sizes: &'a Statistics,
    /// The parameters so far.
    pub(crate) params: Params,
    /// Which sources say when an account was last used, where the policy or an app says so.
    pub(crate) activity: Option<&'a Orders>,
    /// Whose data is not believed, where anyone's is not.
    pub(crate) stale: Option<&'a Stale>,
    /// Whether an account's owner has to be joined.
    pub(crate) joined: bool,
}

impl<'a> Lower<'a> {
    /// Begins a statement.
    pub(crate) fn new(
        kind: SubjectKind,
        at: Moment,
        shape: Shape,
        sizes: &'a Statistics,
    ) -> Self {
        Self {
            kind,
            at,
            shape,
            sizes,
            params: Params::default(),
            activity: None,
            stale: None,
            joined: false,
        }
    }

    /// Begins a statement about a selection.
    pub(crate) fn of(
        selection: &Selection<'a>,
        shape: Shape,
        sizes: &'a Statistics,
    ) -> Self {
        Self {
            activity: selection.activity,
            stale: selection.stale,
            ..Self::new(selection.scope.kind, selection.at, shape, sizes)
        }
    }

    /// Whether a condition is what is wanted.
    pub(crate) fn condition(&mut self, condition: &Condition, want: Want) -> Expr {
        match &condition.kind {
            ConditionKind::And(parts) if want.of_all() => self.all(parts, want),
            ConditionKind::Or(parts) if !want.of_all() => self.all(parts, want),
            ConditionKind::And(parts) | ConditionKind::Or(parts) => {
                Expr::any(parts.iter().map(|part| self.condition(part, want)))
            }
            ConditionKind::Not(inner) => self.condition(inner, !want),
            ConditionKind::Test(test) => self.test(test, want),
        }
    }

    fn all(&mut self, parts: &[Condition], want: Want) -> Expr {
        Expr::all(parts.iter().map(|part| self.condition(part, want)))
    }

    /// Whether the answer to a test is what is wanted, if all that is on record is believed.
    pub(crate) fn recorded(&mut self, test: &Test, want: Want) -> Expr {
        if let Some(link) = self.link(&test.kind) {
            return self.held(test, &link, want);
        }
        match &test.kind {
            TestKind::NeverActive => self.never_active(want),
            // In a re-check it counts as true, of everyone.
            TestKind::Reaches { .. } if self.at.since.is_none() => {
                if want.of_all() {
                    Expr::Yes
                } else {
                    Expr::No
                }
            }
            TestKind::Reaches { instant: attribute, .. }
            | TestKind::Elapsed { instant: attribute, .. }
            | TestKind::Known { attribute, .. }
            | TestKind::Compare { attribute, .. }
            | TestKind::Text { attribute, .. }
            | TestKind::Matches { attribute, .. }
            | TestKind::OneOf { attribute, .. } => self.valued(test, attribute, want),
            TestKind::InGroup { .. }
            | TestKind::HasRole { .. }
            | TestKind::HasPermission { .. }
            | TestKind::HasSession
            | TestKind::HasAccount { .. } => Expr::No,
        }
    }

    /// The link that a test asks for.
    pub(crate) fn link(&mut self, test: &TestKind) -> Option<Link> {
        link(test, &mut self.around())
    }

    pub(crate) fn around(&mut self) -> Around<'_> {
        Around {
            kind: self.kind,
            at: self.at,
            sizes: self.sizes,
            params: &mut self.params,
        }
    }

    pub(crate) fn held(&mut self, test: &Test, link: &Link, want: Want) -> Expr {
        let orphan = if link.of_owner { self.orphan() } else { Expr::No };
        let maybe = matches!(want, Want::False | Want::NotFalse);
        let everyone = match &test.kind {
            TestKind::HasRole { roles, held } => {
                self.held_by_everyone(roles, held.is_some(), maybe)
            }
            _ => Expr::No,
        };
        match want {
            Want::True => {
                Expr::any([self.inside(link, maybe), Expr::all([not(&orphan), everyone])])
            }
            Want::NotFalse => Expr::any([orphan, self.inside(link, maybe), everyone]),
            Want::False => {
                Expr::all([not(&orphan), self.outside(link, maybe), not(&everyone)])
            }
            Want::NotTrue => Expr::all([
                self.outside(link, maybe),
                Expr::any([orphan, not(&everyone)]),
            ]),
        }
    }

    /// A default role is held by everyone; since when is not on record, unless a member's
    /// row says so.
    fn held_by_everyone(&mut self, roles: &[RoleRef], aged: bool, maybe: bool) -> Expr {
        let key = user_key(self.kind);
        let roles = self.around().roles(roles);
        let default =
            format!("SELECT 1 FROM role d WHERE d.id {roles} AND d.is_default = 1");
        match (aged, maybe) {
            (false, _) => Expr::Leaf(format!("EXISTS ({default})"), Cost::Set),
            (true, false) => Expr::No,
            (true, true) => Expr::Leaf(
                format!(
                    "EXISTS ({default} AND NOT EXISTS (SELECT 1 FROM role_member n \
                     WHERE n.role_id = d.id AND n.identity_id = {key}))"
                ),
                Cost::Computed,
            ),
        }
    }

    fn inside(&self, link: &Link, maybe: bool) -> Expr {
        let Link { from, owner, key, rows, .. } = link;
        let filter = link.rows(maybe);
        if *rows < self.shape.links {
            return Expr::Inside(set(
                key,
                format!("SELECT {owner} FROM {from}{}", clause(&filter)),
            ));
        }
        let filter = conjunct(&filter);
        Expr::Leaf(
            // The plus keeps the planner from making it a join, asked when all else was.
            format!("+EXISTS (SELECT 1 FROM {from} WHERE {owner} = {key}{filter})"),
            Cost::Link,
        )
    }

    fn outside(&self, link: &Link, maybe: bool) -> Expr {
        let Link { from, owner, key, rows, .. } = link;
        let filter = link.rows(maybe);
        if self.shape.builds(*rows) {
            return Expr::Outside(set(
                key,
                format!("SELECT {owner} FROM {from}{}", clause(&filter)),
            ));
        }
        let filter = conjunct(&filter);
        Expr::Leaf(
            format!("NOT EXISTS (SELECT 1 FROM {from} WHERE {owner} = {key}{filter})"),
            Cost::Point,
        )
    }

    fn orphan(&self) -> Expr {
        match self.kind {
            SubjectKind::Account | SubjectKind::Grant => {
                Expr::Leaf("a.identity_id = 0".to_owned(), Cost::Column)
            }
            SubjectKind::User => Expr::No,
        }
    }

    fn never_active(&mut self, want: Want) -> Expr {
        let never = matches!(want, Want::True | Want::NotFalse);
        let is = if never { "IS NULL" } else { "IS NOT NULL" };
        if let Some(activity) = self.activity {
            let seen = signs::of_subject(activity, self.kind, &mut self.params);
            return Expr::Leaf(format!("{seen} {is}"), Cost::Computed);
        }
        match self.kind {
            SubjectKind::Account | SubjectKind::Grant => {
                Expr::Leaf(format!("a.last_seen {is}"), Cost::Column)
            }
            SubjectKind::User => {
                let exists = if never { "NOT EXISTS" } else { "EXISTS" };
                Expr::Leaf(
                    format!(
                        "{exists} (SELECT 1 FROM account s WHERE s.identity_id = i.id \
                         AND s.gone = 0 AND s.last_seen IS NOT NULL)"
                    ),
                    Cost::Computed,
                )
            }
        }
    }

    fn column(&mut self, attribute: &Attribute) -> Column {
        let sign = self.activity.and_then(|activity| {
            signs::sign(activity, attribute, self.kind, &mut self.params)
        });
        match sign {
            Some(sign) => Column { raw: sign.clone(), key: sign, home: Home::Computed },
            None => column(attribute, self.kind, &mut self.params),
        }
    }

    /// A test of an attribute's value.
    fn valued(&mut self, test: &Test, attribute: &Attribute, want: Want) -> Expr {
        let column = self.column(attribute);
        match column.home {
            Home::Owner { indexed: true } if self.shape.builds(self.sizes.department) => {
                match self.owners(test, attribute, want) {
                    Some(found) => found,
                    None => self.of_row(test, attribute, &column, want),
                }
            }
            Home::Custom(table) if self.shape.builds(self.sizes.accounts) => {
                self.of_custom(test, attribute, table, want)
            }
            Home::Permission => self.of_permission(test, attribute, want),
            Home::Owner { .. }
            | Home::Custom(_)
            | Home::Nowhere
            | Home::Subject
            | Home::Computed => self.of_row(test, attribute, &column, want),
        }
    }

    /// A test of a value that is read for each subject.
    fn of_row(
        &mut self,
        test: &Test,
        attribute: &Attribute,
        column: &Column,
        want: Want,
    ) -> Expr {
        let Some(predicate) = self.predicate(test, attribute, column) else {
            return unknown(want);
        };
        let cost = match column.home {
            Home::Subject | Home::Nowhere if plain(test) => Cost::Column,
            Home::Owner { .. } => {
                self.joined = true;
                Cost::Owner
            }
            Home::Subject
            | Home::Nowhere
            | Home::Custom(_)
            | Home::Computed
            | Home::Permission => Cost::Computed,
        };
        let Predicate { yes, no, total } = predicate;
        Expr::Leaf(
            match want {
                Want::True => yes,
                Want::False => no,
                Want::NotFalse if total => yes,
                Want::NotTrue if total => no,
                Want::NotFalse => format!("({no}) IS NOT TRUE"),
                Want::NotTrue => format!("({yes}) IS NOT TRUE"),
            },
            cost,
        )
    }

    /// A test of the permission that is granted: permissions are few, and those that pass are
    /// a set. It is never missing.
    fn of_permission(&mut self, test: &Test, attribute: &Attribute, want: Want) -> Expr {
        if let TestKind::Known { known, .. } = &test.kind {
            return if *known == want.of_all() { Expr::Yes } else { Expr::No };
        }
        let Some((passing, negated)) = self.permissions(test, attribute) else {
            return unknown(want);
        };
        if want.of_all() == negated {
            Expr::Outside(set(PERMISSION, passing))
        } else {
            Expr::Inside(set(PERMISSION, passing))
        }
    }

    /// The permissions of which a test is true under either name; of `!=` those of which it
    /// is false, because it differs only if both names do.
    pub(crate) fn permissions(
        &mut self,
        test: &Test,
        attribute: &Attribute,
    ) -> Option<(String, bool)> {
        let negated = matches!(&test.kind, TestKind::Compare { op: Op::Ne, .. });
        let mut either = Vec::new();
        for column in permission_names() {
            let Predicate { yes, no, .. } = self.predicate(test, attribute, &column)?;
            either.push(if negated { no } else { yes });
        }
        let passing =
            format!("SELECT p.id FROM permission p WHERE {}", either.join(" OR "));
        Some((passing, negated))
    }

    /// When a test of a value is true, and when it is false.
    fn predicate(
        &mut self,
        test: &Test,
        attribute: &Attribute,
        column: &Column,
    ) -> Option<Predicate> {
        predicate(test, (attribute, column), self.at, &mut self.params)
    }

    /// A test of the owner by one value of an indexed column: the few users of that value
    /// are a set, and everyone else is not in it.
    fn owners(&mut self, test: &Test, attribute: &Attribute, want: Want) -> Option<Expr> {
        // `!=` is the negation of `=`.
        let want = match &test.kind {
            TestKind::Compare { op: Op::Eq, .. } | TestKind::OneOf { .. } => want,
            TestKind::Compare { op: Op::Ne, .. } => !want,
            _ => return None,
        };
        let field = match attribute.field {
            Field::Owner => &Field::Email,
            ref other => other,
        };
        let (_, key, _) = of_user(field, "o")?;
        let values = match &test.kind {
            TestKind::Compare { value, .. } => std::slice::from_ref(value),
            TestKind::OneOf { values, .. } => values.as_slice(),
            _ => return None,
        };
        let values: Vec<Bind> = values
            .iter()
            .filter_map(|value| bind_of(value, attribute.kind))
            .collect();
        if values.is_empty() {
            return None;
        }
        let values = self.params.one_of(&values);
        let of_value = format!("SELECT o.id FROM identity o WHERE {key} {values}");
        let mut either = vec![of_value.clone()];
        if *field != Field::Email {
            either.push(format!("SELECT o.id FROM identity o WHERE {key} IS NULL"));
        }
        let key = user_key(self.kind);
        Some(match want {
            Want::True => Expr::Inside(set(key, of_value)),
            Want::NotTrue => Expr::Outside(set(key, of_value)),
            Want::False => Expr::all([
                not(&self.orphan()),
                Expr::Outside(Sets { key, each: either }),
            ]),
            Want::NotFalse => {
                Expr::any([self.orphan(), Expr::Inside(Sets { key, each: either })])
            }
        })
    }

    /// A test of a custom attribute by the set of subjects that pass it.
    fn of_custom(
        &mut self,
        test: &Test,
        attribute: &Attribute,
        table: CustomTable,
        want: Want,
    ) -> Expr {
        let (raw, key) = custom_value(attribute.kind);
        let row = Column {
            raw: raw.to_owned(),
            key: key.to_owned(),
            home: Home::Custom(table),
        };
        let Field::Custom { id, .. } = &attribute.field else { return Expr::No };
        let id = self.params.id(id.0);
        let CustomTable { name, owner, key } = table;
        let of = |filter: &str| {
            let from = format!("{name} c WHERE c.attribute_id = {id} AND {filter}");
            set(key, format!("SELECT c.{owner} FROM {from}"))
        };
        if let TestKind::Known { known, .. } = &test.kind {
            let recorded = of(&format!("{} IS NOT NULL", row.key));
            return if *known == want.of_all() {
                Expr::Inside(recorded)
            } else {
                Expr::Outside(recorded)
            };
        }
        let Some(Predicate { yes, no, .. }) = self.predicate(test, attribute, &row)
        else {
            return unknown(want);
        };
        match want {
            Want::True => Expr::Inside(of(&yes)),
            Want::False => Expr::Inside(of(&no)),
            Want::NotFalse => Expr::Outside(of(&no)),
            Want::NotTrue => Expr::Outside(of(&yes)),
        }
    }
}

/// Which permission is granted.
pub(crate) const PERMISSION: &str = "g.permission_id";

/// A test that is always unknown.
fn unknown(want: Want) -> Expr {
    match want {
        Want::True | Want::False => Expr::No,
        Want::NotFalse | Want::NotTrue => Expr::Yes,
    }
}

/// The opposite of a term that is never NULL.
fn not(term: &Expr) -> Expr {
    match term {
        Expr::Yes => Expr::No,
        Expr::No => Expr::Yes,
        Expr::Leaf(text, cost) if text == "a.identity_id = 0" => {
            Expr::Leaf("a.identity_id <> 0".to_owned(), *cost)
        }
        other => Expr::Leaf(format!("NOT {}", other.text()), other.cost()),
    }
}

/// Whether a test is a comparison and no function.
fn plain(test: &Test) -> bool {
    !matches!(test.kind, TestKind::Text { .. } | TestKind::Matches { .. })
}

fn set(key: &'static str, statement: String) -> Sets {
    Sets { key, each: vec![statement] }
}

fn clause(filter: &str) -> String {
    if filter.is_empty() { String::new() } else { format!(" WHERE {filter}") }
}

fn conjunct(filter: &str) -> String {
    if filter.is_empty() { String::new() } else { format!(" AND {filter}") }
}
