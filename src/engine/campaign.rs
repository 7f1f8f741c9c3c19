//! Access reviews: a policy that is evaluated once, asks about everybody it finds, and whose
//! verdicts act together when the review closes.

use crate::catalog::Catalog;
use crate::engine::activate::put_to_work;
use crate::engine::commit::read;
use crate::engine::errors::EngineError;
use crate::engine::evaluate::Cause;
use crate::engine::pause::{Pause, pauses};
use crate::engine::rejected::word;
use crate::engine::step::Event;
use crate::engine::tick::{Engine, TickReport};
use crate::engine::trail::Because;
use crate::ir::Policy;
use crate::store::{Campaign, Mode};
use crate::time::Timestamp;

/// An access review that is to be started.
#[derive(Clone, Copy, Debug)]
pub struct NewCampaign<'a> {
    /// Its number, of which nobody else has made use yet.
    pub id: i64,
    /// The app, as it was named.
    pub app: &'a str,
    /// The permission, where it is about one.
    pub permission: Option<&'a str>,
    /// Whether a verdict acts when it is given.
    pub at_once: bool,
    /// When it closes by itself.
    pub ends_at: Timestamp,
    /// Who starts it.
    pub by: &'a str,
}

/// What the policy of a review asks, so that it looks at everybody's access: also at that of
/// those who are away for long.
pub const EVERYBODY: &str = "(owner is unknown or identity state is known)";

/// Says of a run of a review why it is opened: because of the review, and not of what its policy
/// asks to find everybody.
pub fn reviewed(because: &mut Vec<Because>, app: &str) {
    because.retain(|it| !EVERYBODY.contains(&it.condition));
    let condition = "access review".to_owned();
    let review = Because {
        condition,
        value: format!("of {app}"),
        source: None,
    };
    because.insert(0, review);
}

impl Engine<'_> {
    /// Starts an access review: `policy` asks about everybody in its scope, once. `text` is
    /// what is published for it.
    pub fn start_campaign(
        &mut self,
        new: NewCampaign<'_>,
        (policy, text, catalog): (&Policy, &str, &Catalog),
        now: Timestamp,
    ) -> Result<TickReport, EngineError> {
        let store = self.store;
        store.atomically(|| {
            let taken = || EngineError::Refused(format!("review {} exists", new.id));
            if store.next_campaign_id()? != new.id
                || store.policy(&policy.name)?.is_some()
            {
                return Err(taken());
            }
            let made = store.publish(&policy.name, text, now)?;
            let row = store.policy(&policy.name)?.ok_or_else(taken)?;
            store.add_campaign(&Campaign {
                id: new.id,
                policy_id: row.id,
                app: new.app.to_owned(),
                permission: new.permission.map(str::to_owned),
                at_once: new.at_once,
                started_at: now,
                started_by: new.by.to_owned(),
                ends_at: new.ends_at,
                state: "starting".to_owned(),
                closed_at: None,
                closed_by: None,
            })?;
            let what = (&row, made.version);
            put_to_work(store, what, (policy, catalog), (&Mode::default(), now))
        })?;
        self.tick(now)
    }

    /// Closes an access review before its time: what was decided to go goes now, and who has
    /// not been decided about is left alone.
    pub fn close_campaign(
        &mut self,
        id: i64,
        by: &str,
        now: Timestamp,
    ) -> Result<TickReport, EngineError> {
        let campaigns = self.store.campaigns()?;
        let campaign = campaigns.iter().find(|campaign| campaign.id == id);
        let campaign = campaign.ok_or_else(|| EngineError::NoReview(id))?;
        if let Some(at) = campaign.closed_at {
            return Err(EngineError::Refused(format!("review {id} was closed at {at}")));
        }
        // Nothing follows from one that has asked nobody yet.
        if campaign.state == "open" {
            self.refuse_paused(campaign)?;
        }
        self.close_review(campaign, Some(by), now)?;
        self.tick(now)
    }

    /// Asks about everybody in those that were just started, and closes those whose time is
    /// over.
    pub(super) fn campaigns(&mut self, now: Timestamp) -> Result<bool, EngineError> {
        let mut moved = false;
        for policy in self.store.verdicts_due()? {
            moved |= self.act_on_verdicts(policy, now)?;
        }
        let due = self.store.due_campaigns(now)?;
        let starting =
            |due: &[Campaign]| due.iter().filter(|it| it.state == "starting").count();
        let before = (due.len(), starting(&due));
        for campaign in &due {
            if self.store.is_paused(campaign.policy_id)? {
                continue;
            }
            if campaign.state == "starting" {
                let rows = self.store.policies()?;
                let row = rows.into_iter().find(|row| row.id == campaign.policy_id);
                if let Some(row) = row {
                    self.evaluate(&row, Cause::Review, now)?;
                }
            } else {
                self.close_review(campaign, None, now)?;
            }
        }
        // One whose policy is blocked starts when it can be followed again.
        let due = self.store.due_campaigns(now)?;
        Ok(moved || (due.len(), starting(&due)) != before)
    }

    /// While a review is paused no verdict of it acts.
    fn refuse_paused(&self, campaign: &Campaign) -> Result<(), EngineError> {
        let rows = self.store.policies()?;
        let name = rows.into_iter().find(|row| row.id == campaign.policy_id);
        let name = name.map(|row| row.name).unwrap_or_default();
        let mut pauses = pauses(self.store)?;
        pauses.retain(|pause| pause.is_of(&name));
        let Some(first) = pauses.first() else { return Ok(()) };
        let resume = |pause: &Pause| match &pause.policy {
            Some(name) => format!("tenure resume {}", word(name)),
            None => "tenure resume".to_owned(),
        };
        let ways: Vec<String> = pauses.iter().map(resume).collect();
        Err(EngineError::Refused(format!(
            "review {} is paused {}; {} first",
            campaign.id,
            first.told(),
            ways.join(" and ")
        )))
    }

    fn close_review(
        &mut self,
        campaign: &Campaign,
        by: Option<&str>,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        let store = self.store;
        self.act_on_verdicts(campaign.policy_id, now)?;
        store.atomically(|| {
            for row in store.open_runs_of(campaign.policy_id)? {
                // What still waits for a policy, or for its own, goes when that has listened.
                if !read(&row)?.is_rejected() {
                    self.advance(&row, Event::Closed, now)?;
                }
            }
            store.campaign_closed(campaign.id, by, now)?;
            // It asks nobody any more, not even where it was closed before it began.
            store.deactivate(campaign.policy_id)?;
            Ok(())
        })
    }
}
