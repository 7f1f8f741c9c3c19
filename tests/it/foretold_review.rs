//! An access review that is under way as a world is foretold: it closes on one of the days, and
//! what it rejects another policy may take.

use crate::dice::Dice;
use std::fmt::Write as _;
use tenure::actions::Recorder;
use tenure::engine::step::Event;
use tenure::engine::{
    Decision, Engine, EngineError, NewCampaign, Settings, Verdict, parse,
};
use tenure::session::Project;
use tenure::store::Store;
use tenure::text::Sources;
use tenure::time::{Duration, Timestamp};

/// A review, before it is started.
pub(crate) struct Review {
    dice: Dice,
    app: String,
    text: String,
    days: i64,
    at_once: bool,
}

const NAME: &str = "access review 1";

impl Review {
    /// In some worlds there is one; then policies may listen to what it rejects.
    pub(crate) fn of(seed: u64, apps: &[&str], policies: &mut String) -> Option<Self> {
        let mut dice = Dice::new(seed.wrapping_add(1 << 40));
        if !dice.chance(50) {
            return None;
        }
        let app = dice.pick(apps).to_owned();
        let grants = dice.chance(40);
        let kind = if grants { "grants" } else { "accounts" };
        let others = match grants {
            true => "remove access",
            false => "disable account",
        };
        for name in ["heard", "also"] {
            if dice.chance(60) {
                let limit = dice.pick(&["limit none \"a test\"", "limit 1", ""]);
                let when = dice.pick(&["", "when department = \"Sales\""]);
                let steps = [
                    "run webhook revoke",
                    others,
                    "notify admin",
                    "wait 1d, remove access",
                ];
                let steps = dice.pick(&steps);
                write!(
                    policies,
                    "\npolicy {name}\n  for {kind}\n  on access rejected\n  {when}\n  \
                     {limit}\n  then {steps}\n"
                )
                .unwrap();
            }
        }
        let days = i64::try_from(dice.between(1, 12)).unwrap();
        let steps = dice.pick(&["run webhook revoke", others, "wait 2d, remove access"]);
        let text = format!(
            "policy \"{NAME}\"\n  for {kind} in app {app}\n  when owner is known\n  \
             reviewers out@other.example\n  limit none \"each is decided\"\n  \
             then ask reviewers for {days}d, if ignored keep, {steps}\n"
        );
        let at_once = dice.chance(30);
        Some(Self { dice, app, text, days, at_once })
    }

    /// Starts it; about some somebody decides at once.
    pub(crate) fn start(
        mut self,
        (store, settings): (&Store, &Settings),
        policies: &str,
        now: Timestamp,
    ) {
        let catalog = store.catalog().unwrap();
        let mut sources = Sources::default();
        sources.add("random.tenure", policies);
        sources.add("review.tenure", &*self.text);
        let texts = Project::check(sources, &catalog).texts();
        let (_, text) = texts.iter().find(|(known, _)| known == NAME).unwrap();
        let policy = parse(NAME, text, &catalog).unwrap();
        let new = NewCampaign {
            id: store.next_campaign_id().unwrap(),
            app: &self.app,
            permission: None,
            at_once: self.at_once,
            ends_at: now.after(Duration::days(self.days)),
            by: "ida",
        };
        let mut hands = Recorder::default();
        let mut engine = Engine::new(store, &mut hands, settings).unwrap();
        let runs = store.runs(false).unwrap();
        let first = runs.iter().map(|run| run.id).max().unwrap_or(0) + 1;
        let report = engine.start_campaign(new, (&policy, text, &catalog), now).unwrap();
        let opened = report.evaluations.iter().find(|it| it.cause == "review");
        let opened = i64::try_from(opened.map_or(0, |it| it.opened)).unwrap();
        for run in first..first + opened {
            let verdict = match self.dice.between(0, 3) {
                0 => continue,
                1 => Verdict::Keep,
                _ => Verdict::Remove,
            };
            let decision = Decision {
                by: "out@other.example".to_owned(),
                actor: None,
                verdict,
                comment: None,
            };
            match engine.tell(run, Event::Decided(decision), now) {
                // Another run asks first, or has taken it.
                Err(EngineError::Refused(_)) => {}
                told => drop(told.unwrap()),
            }
        }
    }
}

const HALF_DAY: Duration = Duration(43_200);

/// When the clock of the real run strikes next. What a review is to take and a policy may take
/// looks each hour whether it may go.
pub(crate) fn strikes_next(
    store: &Store,
    (from, now): (Timestamp, Timestamp),
) -> Timestamp {
    let runs = store.runs(true).unwrap();
    let awaits = runs.iter().any(|row| row.body.contains("\"awaits\":{"));
    let step = if awaits { Duration::HOUR } else { HALF_DAY };
    let over = now.since(from).0.rem_euclid(step.0);
    now.after(Duration(step.0 - over))
}
