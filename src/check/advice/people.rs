//! Addresses that nobody answers at.

use crate::catalog::{Person, Standing};
use crate::check::advice::Advice;
use crate::diagnose::{Code, Diagnostic};
use crate::syntax::addresses;
use crate::text::{FileId, fold, nearest};

impl Advice<'_> {
    /// Looks at the addresses of a file. Silent where the store was not asked about them.
    pub(super) fn people(&mut self, file: FileId) {
        if self.people.is_none() {
            return;
        }
        for address in addresses(self.sources, file) {
            let (written, span) = (&address.written.value, address.written.span);
            let known = self.people.as_ref().and_then(|all| all.get(&fold(written)));
            let Some(person) = known else {
                let message = format!("nobody in the store has the address `{written}`");
                let label = if address.compared {
                    "equal to nobody's address"
                } else {
                    "nobody who is known"
                };
                let finding =
                    Diagnostic::warning(Code::UnknownAddress, span, message).label(label);
                let people = self.catalog.people.as_deref().unwrap_or_default();
                let left = self.suggestions.checked_sub(1);
                let near = left.map(|_| alike(written, people)).unwrap_or_default();
                self.suggestions = left.unwrap_or_default();
                self.report(match near.as_slice() {
                    [] => finding.help(
                        "write the address of a person of the store, or import the person",
                    ),
                    [only] => finding.help(format!("write `{only}`")).maybe(span, *only),
                    several => {
                        let names: Vec<String> =
                            several.iter().map(|near| format!("`{near}`")).collect();
                        let help = format!("write {}", names.join(" or "));
                        let finding = finding.help(help);
                        several
                            .iter()
                            .fold(finding, |finding, near| finding.maybe(span, *near))
                    }
                });
                continue;
            };
            let why = match person.standing {
                Standing::Active => continue,
                Standing::Inactive(state) => state.name(),
                Standing::Gone => "gone from the store",
            };
            // An exception for somebody who is away is fine; whoever asks them is not.
            if address.compared {
                continue;
            }
            let message = format!("`{written}` is {why}, and is passed over");
            self.report(
                Diagnostic::warning(Code::InactivePerson, span, message)
                    .label("nobody is reached here")
                    .help("write the address of somebody who is there"),
            );
        }
    }
}

/// The addresses of people who are there that differ a little before the `@`, or only behind
/// it: everyone at one host has much in common.
fn alike<'p>(written: &str, people: &'p [Person]) -> Vec<&'p str> {
    let Some((name, host)) = written.split_once('@') else { return Vec::new() };
    let there = people.iter().filter(|person| person.standing == Standing::Active);
    let parts = there.filter_map(|person| person.email.split_once('@'));
    let (same, other): (Vec<_>, Vec<_>) =
        parts.partition(|(_, others)| fold(others) == fold(host));
    let hosts = other.iter().filter(|(others, _)| fold(others) == fold(name));
    let hosts = nearest(host, hosts.map(|(_, host)| *host)).into_iter();
    let names = nearest(name, same.iter().map(|(name, _)| *name)).into_iter();
    let whole = |name: &str, host: &str| {
        let full = fold(&format!("{name}@{host}"));
        people.iter().find(|person| fold(&person.email) == full)
    };
    let found = hosts
        .filter_map(|host| whole(name, host))
        .chain(names.filter_map(|name| whole(name, host)));
    found.map(|person| person.email.as_str()).take(3).collect()
}
