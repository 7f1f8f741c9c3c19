//! Stories: what becomes of runs over days, line by line, with what people and other systems
//! do in between. The policies stand above `---`, the story below it; `use PATH` stands for
//! those of a file.
//!
//! | line | what happens |
//! | --- | --- |
//! | `activate NAME` | the policy is put to work and evaluated at once; `by schedule` waits |
//! | `activate NAME version 1 observed only CONDITION` | the same of a version, or a pilot |
//! | `deactivate NAME` | its evaluations end |
//! | `publish NAME with OLD as NEW` | its newest text is published with other words |
//! | `delete NAME version 1` | a version is deleted |
//! | `advance 7d` | the clock moves; what falls due on the way is done at its instant |
//! | `clock 7d`, `clock -7d` | the clock moves, and nothing is done on the way |
//! | `outage 3d` | something ran regularly; now nothing does for so long, and then it does again |
//! | `leap 1d` | the clock moves, and nothing runs before its end, as was to be expected or not |
//! | `decide RUN keep by EMAIL` | somebody decides (`with "words"` adds a comment) |
//! | `done RUN by EMAIL` | somebody has done what they were given to do (likewise) |
//! | `release N "why"`, `discard N "why"` | somebody settles a held evaluation |
//! | `event KIND, SUBJECT` | another system tells of it; behind more commas what it says beside: `by admin`, `id a`, `at -2d`, `and nothing runs`, `attribute department`, `old "Sales"`, `new "Legal"`, `group Execs`, `name app.event`, `path p`, `user {"title": "CEO"}` |
//! | `retry RUN`, `cancel RUN` | somebody acts on a run |
//! | `pause NAME "why"`, `resume NAME` | somebody pauses a policy (`review 1`: that review); without a name, everything |
//! | `undo RUN`, `undo evaluation N` | somebody undoes it (`plan` shows it only) |
//! | `protect user EMAIL`, `account APP/NAME`, `group NAME` | the configuration says so from now on |
//! | `fresh SOURCE 2d` | its data may be so old from now on |
//! | `mail refused`, `mail fails`, `mail works` | what the mail server does from now on |
//! | `webhook refused`, `reports`, `fails`, `works` | what webhooks answer from now on |
//! | `connect NAME` | the source of that name is connected from now on |
//! | `connect NAME with users` | likewise, and its word counts for users |
//! | `connector refused`, `fails`, `so`, `works` | what connected systems answer, or find |
//! | `webhook fails at HOST` | what those of one host answer |
//! | `webhook lacks` | the secret of webhooks is not there |
//! | `sql STATEMENT` | the data changes under the engine, and nobody tells of it |
//! | `store WORDS` | shows what of the store begins with these words |
//! | `import FILE with OLD as NEW` | a file of the world is imported with other words |
//! | `company FILE: OLD -> NEW; …` | all files of the world are imported with other words |
//! | `review accounts in app A by EMAIL for 3d then STEPS` | an access review starts (`at once`: verdicts act when given) |
//! | `review close 1` | one is closed |
//! | `process lifecycle` | identity states are computed; `as a plan`, `because WHY` |
//! | `process policies`, `process users EMAIL` | policies are evaluated on demand |
//! | `holiday 2026-12-25` | nobody works on that day |
//! | `sent` | shows what has left since the last `sent` |

#[path = "story_data.rs"]
mod data;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use tenure::engine::step::Event;
use tenure::engine::{
    Completion, Connector, Decision, Delivery, Effect, Engine, EngineError, Hands, Lost,
    Outcome, Paused, Provision, Settings, TickReport, Undo, Verdict, deactivate, discard,
    narrow, parse, undo,
};
use tenure::foresight::{ledger, words};
use tenure::session::Project;
use tenure::store::{Awaiting, ImportOptions, Mode, PolicyRow, Store};
use tenure::text::Sources;
use tenure::time::{Duration, Timestamp};

/// Plays a story and gives its log.
pub(crate) fn play(text: &str) -> String {
    let (policies, lines) =
        text.split_once("\n---\n").expect("a line `---` ends the policies");
    let mut stage = Stage::new(policies);
    for line in lines
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        writeln!(stage.log, "> {line}").unwrap();
        stage.line(line);
    }
    stage.log
}

struct Stage {
    folder: tempfile::TempDir,
    store: Store,
    settings: Settings,
    policies: String,
    hands: Scripted,
    from: Timestamp,
    now: Timestamp,
    shown: i64,
    told: u32,
    blocked: BTreeMap<String, String>,
    warned: Vec<String>,
    paused: Vec<Paused>,
    awaiting: Vec<Awaiting>,
    log: String,
}

/// Hands that answer as the story says.
#[derive(Default)]
struct Scripted {
    mail: Answer,
    webhook: Answer,
    connector: Answer,
    /// What the webhooks of a host answer, where that is something else.
    at: BTreeMap<String, Answer>,
    sent: Vec<String>,
}

#[derive(Clone, Copy, Default)]
enum Answer {
    #[default]
    Works,
    Refused,
    Reports,
    Fails,
    Busy,
    Lacks,
    So,
}

impl Hands for Scripted {
    fn deliver(&mut self, batch: &[Delivery<'_>], _: Timestamp) -> Vec<Outcome> {
        let mut outcomes = Vec::new();
        for delivery in batch {
            let (answer, shown) = match delivery.effect {
                Effect::Mail(mail) => {
                    let text =
                        format!("to {}\n{}\n\n{}", mail.to, mail.subject, mail.body);
                    (self.mail, text)
                }
                Effect::Webhook(request) => {
                    let place = request.url.split("://").nth(1).unwrap_or_default();
                    let host = place.split('/').next().unwrap_or_default();
                    let answer = self.at.get(place).or_else(|| self.at.get(host));
                    let answer = answer.copied().unwrap_or(self.webhook);
                    (answer, format!("{}\n{}", request.url, request.body))
                }
                Effect::Connector(provision) => {
                    let Provision { connector, what, username, .. } = provision;
                    (self.connector, format!("{connector}: {what:?} {username}"))
                }
                Effect::Call(calling) => {
                    let host = calling.url.split('/').nth(2).unwrap_or_default();
                    let answer = self.at.get(host).copied().unwrap_or(self.webhook);
                    let mut text = format!("{} {}", calling.method, calling.url);
                    for (name, value) in &calling.headers {
                        write!(text, "\n{name}: {value}").unwrap();
                    }
                    if let Some(body) = &calling.body {
                        write!(text, "\n{body}").unwrap();
                    }
                    (answer, text)
                }
            };
            // Without its secret nothing leaves.
            if !matches!(answer, Answer::Lacks) {
                self.sent.push(shown);
            }
            outcomes.push(match answer {
                Answer::Works => {
                    Outcome::Delivered { message: Some("it is gone".to_owned()) }
                }
                Answer::So => Outcome::AlreadySo { why: "already so there".to_owned() },
                Answer::Refused => {
                    Outcome::Refused { why: "the answer was no".to_owned() }
                }
                Answer::Reports => Outcome::Refused {
                    why: "the receiver reports a failure: nope".to_owned(),
                },
                Answer::Lacks => {
                    Outcome::Unready { why: "webhook `revoke` has no secret".to_owned() }
                }
                Answer::Fails => Outcome::silent("nobody answered".to_owned()),
                Answer::Busy => Outcome::unsettled("it cannot now".to_owned()),
            });
        }
        outcomes
    }
}

impl Stage {
    fn new(policies: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let now = Timestamp::parse("2026-11-20T12:00:00Z").unwrap();
        let path = folder.path().join("story.db");
        let mut store = Store::open(&path).unwrap();
        // Retries are spread by a hash of the store's random name: here it is always one.
        let other = rusqlite::Connection::open(&path).unwrap();
        other
            .execute("UPDATE meta SET value = 'story' WHERE key = 'store'", [])
            .unwrap();
        let options = ImportOptions::at(now);
        let world = Path::new("tests/worlds/acme");
        store.import(world, &options, &mut |_| {}).unwrap();
        let mut sources = Sources::default();
        sources.add("story.tenure", policies);
        let project = Project::check(sources, &store.catalog().unwrap());
        assert_eq!(project.errors(), 0, "{:#?}", project.findings);
        let admin = Some("it@acme.example".to_owned());
        let texts = project.texts();
        for (name, text) in &texts {
            store.publish(name, text, now).unwrap();
        }
        store.publish_nevers(&project.nevers(), true, now).unwrap();
        Self {
            folder,
            store,
            settings: Settings { admin, ..Settings::default() },
            policies: policies.to_owned(),
            hands: Scripted::default(),
            from: now,
            now,
            shown: 0,
            told: 0,
            blocked: BTreeMap::new(),
            warned: Vec::new(),
            paused: Vec::new(),
            awaiting: Vec::new(),
            log: String::new(),
        }
    }

    fn line(&mut self, line: &str) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["activate", name, ..] => match line.strip_prefix("activate \"") {
                Some(rest) => self.activate(rest.split('"').next().unwrap(), line),
                None => self.activate(name, line),
            },
            ["deactivate", ..] => {
                let name = line.trim_start_matches("deactivate ");
                let passed_over =
                    deactivate(&self.store, &self.row(name), &self.settings).unwrap();
                self.passed_over(&passed_over);
            }
            ["publish", name, "with", ..] => self.publish(name, line),
            ["delete", name, "version", version] => self.delete(name, version),
            ["advance", length] => self.advance(Duration::parse(length).unwrap()),
            ["clock", length] => {
                self.now = self.now.after(match length.strip_prefix('-') {
                    Some(back) => Duration(-Duration::parse(back).unwrap().0),
                    None => Duration::parse(length).unwrap(),
                });
            }
            ["outage", length] => {
                let now = self.now;
                let mut engine = self.engine();
                engine.look_back(now.before(Duration(300))).unwrap();
                engine.look_back(now).unwrap();
                self.leap(Duration::parse(length).unwrap());
            }
            ["leap", length] => self.leap(Duration::parse(length).unwrap()),
            ["protect", kind, ..] => {
                let name = line.splitn(3, ' ').last().unwrap().to_owned();
                let protected = &mut self.settings.protected;
                match *kind {
                    "user" => protected.users.push(name),
                    "account" => protected.accounts.push(name),
                    "group" => protected.groups.push(name),
                    _ => panic!("`{kind}` cannot be protected"),
                }
            }
            ["fresh", source, length] => {
                let limit = Duration::parse(length).unwrap();
                self.settings.freshness.insert((*source).to_owned(), limit);
            }
            ["mail", answer] => self.hands.mail = Answer::of(answer),
            ["webhook", answer] => self.hands.webhook = Answer::of(answer),
            ["connector", answer] => self.hands.connector = Answer::of(answer),
            ["connect", name, rest @ ..] => self.settings.connectors.push(Connector {
                name: (*name).to_owned(),
                url: format!("https://{name}.acme.example/scim/v2"),
                token: None,
                users: *rest == ["with", "users"],
            }),
            ["webhook", answer, "at", host] => {
                self.hands.at.insert((*host).to_owned(), Answer::of(answer));
            }
            ["sql", ..] => self.sql(line.trim_start_matches("sql ")),
            ["store", ..] => {
                let start = line.trim_start_matches("store ");
                let dump = self.store.dump().unwrap();
                for found in dump.lines().filter(|found| found.starts_with(start)) {
                    writeln!(self.log, "{found}").unwrap();
                }
            }
            ["import", file, ..] => self.import(file, line),
            ["process", ..] => self.process(&words, line),
            ["review", ..] => self.review(&words, line),
            ["holiday", day] => {
                self.settings.calendar.holidays.insert(day.parse().unwrap());
            }
            ["sent"] => {
                for sent in self.hands.sent.drain(..) {
                    writeln!(self.log, "{}\n", sent.trim_end()).unwrap();
                }
            }
            words => self.act(words, line),
        }
    }

    /// What somebody does about runs and evaluations.
    fn act(&mut self, words: &[&str], line: &str) {
        match words {
            ["decide", run, verdict, "by", by, ..] => {
                let verdict =
                    if *verdict == "keep" { Verdict::Keep } else { Verdict::Remove };
                let comment =
                    line.split_once(" with ").map(|(_, words)| words.replace('"', ""));
                let by = (*by).to_owned();
                let decision = Decision { by, actor: None, verdict, comment };
                self.tell(run, Event::Decided(decision));
            }
            ["done", run, "by", by, ..] => {
                let comment =
                    line.split_once(" with ").map(|(_, words)| words.replace('"', ""));
                let by = (*by).to_owned();
                let completion = Completion { by, actor: None, comment };
                self.tell(run, Event::Completed(completion));
            }
            ["event", ..] => self.event(line.trim_start_matches("event ")),
            ["company", ..] => self.company(line.trim_start_matches("company ")),
            ["retry", run] => self.tell(run, Event::Retried { by: "ida".to_owned() }),
            ["cancel", run] => {
                self.tell(run, Event::Cancelled { why: "by ida".to_owned() });
            }
            ["release", number, ..] => {
                let reason = line.split('"').nth(1).unwrap_or_default();
                let (number, now) = (number.parse().unwrap(), self.now);
                match self.engine().release(number, ("ida", reason), now) {
                    Ok(report) => self.after(Ok(report)),
                    Err(error) => writeln!(self.log, "refused: {error}").unwrap(),
                }
            }
            ["pause" | "resume", ..] => self.pause_or_resume(words, line),
            ["undo", what @ ..] => self.undo(what),
            ["discard", number, ..] => {
                let reason = line.split('"').nth(1).unwrap_or_default();
                let number = number.parse().unwrap();
                if let Err(error) =
                    discard(&self.store, number, ("ida", reason), self.now)
                {
                    writeln!(self.log, "refused: {error}").unwrap();
                }
            }
            _ => panic!("no story has a line `{line}`"),
        }
    }

    fn undo(&mut self, what: &[&str]) {
        let preview = what.contains(&"plan");
        let what = match what {
            ["evaluation", number, ..] => Undo::Evaluation(number.parse().unwrap()),
            [number, ..] => Undo::Run(number.parse().unwrap()),
            [] => panic!("of what?"),
        };
        let who = ("ida", &self.settings);
        let copy = preview.then(|| self.store.copy_to_memory().unwrap());
        let store = copy.as_ref().unwrap_or(&self.store);
        match undo(store, what, who, self.now) {
            Ok(done) if preview => {
                let done = serde_json::to_string_pretty(&done).unwrap();
                writeln!(self.log, "{done}").unwrap();
            }
            Ok(done) => {
                self.show();
                for run in done {
                    if let Some(why) = run.left_out {
                        writeln!(self.log, "run {}: {why}", run.run).unwrap();
                    }
                    if let Some(until) = run.rests_until {
                        writeln!(self.log, "run {}: rests until {until}", run.run)
                            .unwrap();
                    }
                }
            }
            Err(error) => writeln!(self.log, "refused: {error}").unwrap(),
        }
    }

    fn activate(&mut self, name: &str, line: &str) {
        let row = self.store.policy(name).unwrap().unwrap();
        let (line, only) = match line.split_once(" only ") {
            Some((line, only)) => (line, Some(only.to_owned())),
            None => (line, None),
        };
        let version = line.split_once(" version ").map_or(row.newest, |(_, rest)| {
            rest.split(' ').next().unwrap().parse().unwrap()
        });
        let mode = Mode { observe: line.ends_with(" observed"), only };
        let text = self.store.policy_text(row.id, version).unwrap().unwrap();
        let catalog = self.store.catalog().unwrap();
        let now = self.now;
        let Ok(mut policy) = parse(name, &text, &catalog) else {
            // It is put to work all the same, to see it blocked.
            self.store.activate(row.id, version, now).unwrap();
            let report = self.engine().evaluate_now(name, now);
            return self.after(report);
        };
        if let Some(only) = &mode.only
            && let Err(doubts) = narrow(&mut policy, &text, only, &catalog)
        {
            let messages = doubts.findings.iter().map(|found| found.message.as_str());
            let messages: Vec<_> = messages.collect();
            return self.refused(&messages.join("; "), None);
        }
        let (policy, mode) = ((&policy, &catalog), (&mode, now));
        let before = self.engine().activate((name, version), policy, mode).unwrap();
        self.passed_over(&before.passed_over);
        if line.contains(" by schedule") {
            return self.show();
        }
        let report = self.engine().evaluate_now(name, now);
        self.after(report);
    }

    fn passed_over(&mut self, events: &[i64]) {
        if !events.is_empty() {
            writeln!(self.log, "passed over: {events:?}").unwrap();
        }
    }

    fn publish(&mut self, name: &str, line: &str) {
        let row = self.store.policy(name).unwrap().unwrap();
        let words = line.split_once(" with ").unwrap().1;
        let (old, new) = words.split_once(" as ").unwrap();
        let text = self.store.policy_text(row.id, row.newest).unwrap().unwrap();
        assert!(text.contains(old), "{text}");
        match self.store.publish(name, &text.replace(old, new), self.now) {
            Ok(_) => self.versions(name),
            Err(error) => self.refused(&error, error.help()),
        }
    }

    fn delete(&mut self, name: &str, version: &str) {
        let version = version.parse().unwrap();
        match self.store.delete_version(&self.row(name), version) {
            Ok(()) => self.versions(name),
            Err(error) => self.refused(&error, error.help()),
        }
    }

    fn row(&self, name: &str) -> PolicyRow {
        self.store.policy(name).unwrap().unwrap()
    }

    fn versions(&mut self, name: &str) {
        let row = self.row(name);
        let versions = self.store.versions(&row).unwrap();
        let words: Vec<_> = versions
            .iter()
            .map(|row| format!("{} {}", row.version, row.standing.name()))
            .collect();
        writeln!(self.log, "versions: {}", words.join(", ")).unwrap();
    }

    fn refused(&mut self, why: &impl std::fmt::Display, help: Option<String>) {
        writeln!(self.log, "refused: {why}").unwrap();
        if let Some(help) = help {
            writeln!(self.log, "  help: {help}").unwrap();
        }
    }

    fn advance(&mut self, length: Duration) {
        let until = self.now.after(length);
        loop {
            let now = self.now;
            let report = self.engine().tick(now);
            let next = report.as_ref().ok().and_then(|report| report.next_due);
            self.after(report);
            match next.filter(|next| *next <= until) {
                Some(next) => self.now = next,
                None => break,
            }
        }
        self.now = until;
    }

    fn leap(&mut self, length: Duration) {
        self.now = self.now.after(length);
        let now = self.now;
        let mut engine = self.engine();
        engine.look_back(now).unwrap();
        let report = engine.tick(now);
        self.after(report);
    }

    fn tell(&mut self, run: &str, event: Event) {
        let now = self.now;
        match self.engine().tell(run.parse().unwrap(), event, now) {
            Ok(_) => self.show(),
            Err(error) => writeln!(self.log, "refused: {error}").unwrap(),
        }
    }

    fn engine(&mut self) -> Engine<'_> {
        Engine::new(&self.store, &mut self.hands, &self.settings).unwrap()
    }

    fn after(&mut self, report: Result<TickReport, EngineError>) {
        let report = report.unwrap();
        for found in &report.evaluations {
            if found.survey.limit.held {
                let (number, opens) = (found.evaluation, found.survey.opens.len());
                writeln!(self.log, "held: evaluation {number} would open {opens}")
                    .unwrap();
            }
        }
        if report.warnings != self.warned {
            for warning in &report.warnings {
                writeln!(self.log, "warning: {warning}").unwrap();
            }
            self.warned = report.warnings;
        }
        let mut blocked = report.blocked;
        for stranded in report.stranded {
            blocked.insert(stranded.policy.clone(), stranded.words());
        }
        if blocked != self.blocked {
            for (policy, why) in &blocked {
                writeln!(self.log, "blocked: {policy}: {why}").unwrap();
            }
            self.blocked = blocked;
        }
        if report.awaiting != self.awaiting {
            for it in &report.awaiting {
                let Awaiting { policy, why, count, .. } = it;
                writeln!(self.log, "waits: {policy}: {count} for {why}").unwrap();
            }
            if report.awaiting.is_empty() {
                writeln!(self.log, "waits: nothing any more").unwrap();
            }
            self.awaiting = report.awaiting;
        }
        self.show();
        for Lost { run, kind, to, why, .. } in &report.lost {
            writeln!(self.log, "lost: {kind} of run {run} to {to}: {why}").unwrap();
        }
        if report.paused != self.paused {
            for Paused { endpoint, failures, until, of, waiting, .. } in &report.paused {
                let of = match of.as_slice() {
                    [] => String::new(),
                    of => format!(" ({})", of.join(", ")),
                };
                writeln!(
                    self.log,
                    "paused: {endpoint}{of} until {until}: {failures} failed, {waiting} wait"
                )
                .unwrap();
            }
            self.paused = report.paused;
        }
    }

    fn show(&mut self) {
        for line in ledger(&self.store, self.shown, self.from).unwrap() {
            let hours = line.at.since(self.from).0 / 3600;
            writeln!(
                self.log,
                "day {:>3} {:02}h  {}run {} {}: {}",
                hours / 24,
                hours % 24,
                if line.observed { "(observed) " } else { "" },
                line.run,
                line.subject,
                words(&line.entry)
            )
            .unwrap();
        }
        self.shown = self
            .store
            .ledger(self.shown)
            .unwrap()
            .last()
            .map_or(self.shown, |line| line.0);
    }
}

impl Answer {
    fn of(word: &str) -> Self {
        match word {
            "works" => Self::Works,
            "refused" => Self::Refused,
            "reports" => Self::Reports,
            "fails" => Self::Fails,
            "busy" => Self::Busy,
            "lacks" => Self::Lacks,
            "so" => Self::So,
            _ => panic!("nothing answers `{word}`"),
        }
    }
}
