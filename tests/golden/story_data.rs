//! What becomes of the data in a story: what is imported and told, identity states and access
//! reviews.

use super::Stage;
use std::fmt::Write as _;
use std::path::Path;
use tenure::engine::{
    EventMessage, NewCampaign, Processed, Received, Refusal, parse, pause,
    pending_lifecycle, process_lifecycle,
};
use tenure::session::Project;
use tenure::store::ImportOptions;
use tenure::text::Sources;
use tenure::time::Duration;

impl Stage {
    /// `process lifecycle`, `process lifecycle as a plan`, `process lifecycle because WHY`;
    /// `process policies`, `process users EMAIL EMAIL`.
    pub(super) fn process(&mut self, words: &[&str], line: &str) {
        match words {
            ["process", "lifecycle", ..] => {
                let reason = line.split_once(" because ").map(|(_, reason)| reason);
                let found = if line.ends_with(" as a plan") {
                    pending_lifecycle(&self.store, &self.settings, self.now)
                } else {
                    let by = ("ida", reason);
                    process_lifecycle(&self.store, &self.settings, by, self.now)
                };
                self.processed(&found.unwrap());
            }
            ["process", "policies"] => {
                let now = self.now;
                let report = self.engine().evaluate_all(now);
                self.after(report);
            }
            ["process", "users", emails @ ..] => {
                let named = emails.iter().map(|email| {
                    let person = self.store.person(email).unwrap().unwrap();
                    (person.id, person.email)
                });
                let (named, now): (Vec<_>, _) = (named.collect(), self.now);
                let done = self.engine().process_users(&named, ("ida", None), now);
                let (states, report) = done.unwrap();
                self.processed(&states);
                self.after(Ok(report));
            }
            _ => panic!("no story has a line `{line}`"),
        }
    }

    /// `pause NAME "why"`, `resume NAME`, `pause review 1 "why"`.
    pub(super) fn pause_or_resume(&mut self, words: &[&str], line: &str) {
        let review;
        let policy = match words.get(1..).unwrap_or_default() {
            ["review", number, ..] => {
                review = format!("access review {number}");
                Some(review.as_str())
            }
            [name, ..] => (!name.starts_with('"')).then_some(*name),
            [] => None,
        };
        let now = self.now;
        if words.first() == Some(&"pause") {
            let reason = line.split('"').nth(1).unwrap_or_default();
            if let Err(error) = pause(&self.store, policy, ("ida", reason), now) {
                writeln!(self.log, "refused: {error}").unwrap();
            }
            return;
        }
        match self.engine().resume(policy, "ida", now) {
            Ok(resumed) => {
                writeln!(self.log, "{} go on", resumed.runs).unwrap();
                self.show();
            }
            Err(error) => writeln!(self.log, "refused: {error}").unwrap(),
        }
    }

    /// `review accounts in app A by EMAIL for 3d then STEPS`, `review … at once then STEPS`,
    /// `review close 1`.
    pub(super) fn review(&mut self, words: &[&str], line: &str) {
        let now = self.now;
        if let ["review", "close", number] = words {
            let number = number.parse().unwrap();
            let report = self.engine().close_campaign(number, "ida", now);
            return match report {
                Ok(report) => self.after(Ok(report)),
                Err(error) => writeln!(self.log, "refused: {error}").unwrap(),
            };
        }
        let (asked, steps) =
            line.trim_start_matches("review ").split_once(" then ").unwrap();
        let (asked, at_once) = match asked.strip_suffix(" at once") {
            Some(asked) => (asked, true),
            None => (asked, false),
        };
        let (asked, window) = asked.rsplit_once(" for ").unwrap();
        let (scope, by) = asked.rsplit_once(" by ").unwrap();
        let id = self.store.next_campaign_id().unwrap();
        let name = format!("access review {id}");
        let mut sources = Sources::default();
        sources.add("story.tenure", &*self.policies);
        sources.add(
            "review.tenure",
            format!(
                "policy \"{name}\"\n  for {scope}\n  when owner is known\n  reviewers {by}\n  \
                 limit none \"each is decided\"\n  \
                 then ask reviewers for {window}, if ignored keep, {steps}\n"
            ),
        );
        let catalog = self.store.catalog().unwrap();
        let texts = Project::check(sources, &catalog).texts();
        let (_, text) = texts.iter().find(|(known, _)| *known == name).unwrap();
        let policy = parse(&name, text, &catalog).unwrap();
        let new = NewCampaign {
            id,
            app: "Salesforce",
            permission: None,
            at_once,
            ends_at: now.after(Duration::parse(window).unwrap()),
            by: "ida",
        };
        let report = self.engine().start_campaign(new, (&policy, text, &catalog), now);
        self.after(report);
    }

    fn processed(&mut self, found: &Processed) {
        for change in &found.changes {
            let (before, after) = (change.before.name(), change.after.name());
            writeln!(self.log, "{}: {before} → {after}", change.email).unwrap();
        }
        if found.held {
            let Processed { changes, changed, allowed, .. } = found;
            let (more, log) = (changes.len(), &mut self.log);
            writeln!(log, "held: {changed} were changed, {more} more, {allowed} allowed")
                .unwrap();
        }
        if self.store.mapping_is_pending().unwrap() {
            writeln!(self.log, "the mapping is pending").unwrap();
        }
    }

    /// What another system tells, and what is said to it.
    pub(super) fn event(&mut self, line: &str) {
        let mut parts = line.split(", ");
        let (kind, subject) = (parts.next().unwrap(), parts.next().unwrap());
        self.told += 1;
        let mut message = EventMessage {
            id: format!("e{}", self.told),
            event: kind.to_owned(),
            subject: subject.to_owned(),
            ..EventMessage::default()
        };
        let mut ticks = true;
        for part in parts {
            let (word, said) = part.split_once(' ').unwrap();
            let text = Some(said.to_owned());
            let json = || serde_json::from_str(said).unwrap();
            match word {
                "and" => ticks = said != "nothing runs",
                "id" => said.clone_into(&mut message.id),
                "by" => message.by = text,
                "at" => {
                    let away = Duration::parse(said.trim_matches(['-', '+'])).unwrap();
                    message.at = Some(match said.starts_with('+') {
                        true => self.now.after(away),
                        false => self.now.before(away),
                    });
                }
                "attribute" => message.attribute = text,
                "old" => message.old = Some(json()),
                "new" => message.new = Some(json()),
                "group" => message.group = text,
                "source" => message.source = text,
                "name" => message.name = text,
                "path" => message.path = text,
                "user" => message.user = serde_json::from_str(said).unwrap(),
                _ => panic!("no event says `{word}`"),
            }
        }
        let now = self.now;
        let received = self.engine().receive((&message, None), now);
        for warning in received.iter().flat_map(|received| &received.warnings) {
            writeln!(self.log, "warning: {warning}").unwrap();
        }
        match received {
            Err(error) => writeln!(self.log, "refused: {error}").unwrap(),
            Ok(Received { answer: Some(answer), .. }) if answer.allowed => {
                writeln!(self.log, "allow").unwrap();
            }
            Ok(Received { answer: Some(answer), .. }) => {
                for Refusal { policy, message, because } in answer.refusals {
                    writeln!(self.log, "refuse: {message} ({policy}: {because})")
                        .unwrap();
                }
            }
            Ok(Received { repeated: true, .. }) => {
                writeln!(self.log, "received before").unwrap();
            }
            Ok(Received { late, known, .. }) => {
                if late || known {
                    let word = if late { "late" } else { "known already" };
                    writeln!(self.log, "{word}").unwrap();
                }
                if ticks {
                    let report = self.engine().tick(now);
                    self.after(report);
                }
            }
        }
    }

    /// Changes the data beside the engine; no event is raised.
    pub(super) fn sql(&mut self, statement: &str) {
        let path = self.folder.path().join("story.db");
        let other = rusqlite::Connection::open(path).unwrap();
        let quiet = "INSERT INTO raising(one, at, quiet) VALUES (1, 0, 2);";
        let batch = format!("{quiet} {statement}; DELETE FROM raising;");
        other.execute_batch(&batch).unwrap();
    }

    /// `company FILE: OLD -> NEW; …`: the company's files come again, with changes.
    pub(super) fn company(&mut self, changes: &str) {
        let folder = tempfile::tempdir().unwrap();
        for entry in std::fs::read_dir("tests/worlds/acme").unwrap() {
            let entry = entry.unwrap();
            std::fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
        }
        for change in changes.split("; ") {
            let (file, change) = change.split_once(": ").unwrap();
            let (old, new) = change.split_once(" -> ").unwrap();
            let path = folder.path().join(file);
            let text = std::fs::read_to_string(&path).unwrap();
            assert!(text.contains(old), "{text}");
            std::fs::write(&path, text.replace(old, &new.replace("\\n", "\n"))).unwrap();
        }
        let options = ImportOptions { accept_large: true, ..ImportOptions::at(self.now) };
        self.store.import(folder.path(), &options, &mut |_| {}).unwrap();
        let now = self.now;
        let report = self.engine().tick(now);
        self.after(report);
    }

    /// `import FILE with OLD as NEW`: the file of the world with other words, again and again.
    pub(super) fn import(&mut self, file: &str, line: &str) {
        let own = self.folder.path().join("import");
        std::fs::create_dir_all(&own).unwrap();
        let own = own.join(file);
        if !own.exists() {
            std::fs::copy(Path::new("tests/worlds/acme").join(file), &own).unwrap();
        }
        let text = std::fs::read_to_string(&own).unwrap();
        if let Some((_, words)) = line.split_once(" with ") {
            let (old, new) = words.split_once(" as ").unwrap();
            assert!(text.contains(old), "{text}");
            std::fs::write(&own, text.replace(old, new)).unwrap();
        }
        let alone = tempfile::tempdir().unwrap();
        std::fs::copy(&own, alone.path().join(file)).unwrap();
        let options = ImportOptions::at(self.now);
        match self.store.import(alone.path(), &options, &mut |_| {}) {
            Ok(report) => {
                for file in report.files {
                    let (new, gone) = (file.added, file.gone);
                    let changed = file.changed + file.returned;
                    writeln!(self.log, "{new} new, {changed} changed, {gone} gone")
                        .unwrap();
                }
            }
            Err(error) => self.refused(&error, error.help()),
        }
    }
}
