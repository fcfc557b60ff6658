//! What keys were used for: numbers for programs, bars and a line of blocks for people.

use serde::Serialize;

use super::key::moment;
use super::{Field, Screen, Tone, View};
use crate::domain::id::KeyId;
use crate::domain::keys::limit::Quota;
use crate::domain::owners::owner::{KeyName, Owner};
use crate::domain::time::Timestamp;
use crate::domain::usage::batch::Answers;
use crate::domain::usage::day::Day;
use crate::ops::usage::report::{DayUsed, Days, KeyUsed, OwnerUsed, Spent, Used, WouldDeny};

/// A row of a report.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row<'u, T> {
    pub of: &'u T,
    pub days: Days,
    /// The most that any row has, to which bars are drawn.
    pub most: u64,
}

#[derive(Serialize)]
struct DayJson {
    day: Day,
    allowed: u64,
    denied: u64,
}

#[derive(Serialize)]
struct SpentJson {
    #[serde(flatten)]
    quota: Quota,
    spent: u64,
}

impl From<Spent> for SpentJson {
    fn from(Spent { quota, spent }: Spent) -> Self {
        Self { quota, spent }
    }
}

#[derive(Serialize)]
struct KeyJson<'u> {
    id: KeyId,
    owner: &'u Owner,
    name: &'u KeyName,
    allowed: u64,
    denied: u64,
    last_used_at: Option<Timestamp>,
    quota: Option<SpentJson>,
    days: Vec<DayJson>,
}

#[derive(Serialize)]
struct OwnerJson<'u> {
    owner: &'u Owner,
    keys: u64,
    allowed: u64,
    denied: u64,
    quota: Option<SpentJson>,
    days: Vec<DayJson>,
}

#[derive(Serialize)]
struct OneDayJson {
    day: Day,
    keys: u64,
    allowed: u64,
    denied: u64,
}

#[derive(Serialize)]
struct WouldDenyJson<'u> {
    policy: &'u str,
    reason: &'u str,
    count: u64,
    days: Vec<CountJson>,
}

#[derive(Serialize)]
struct CountJson {
    day: Day,
    count: u64,
}

fn day_rows(days: Days, used: &Used) -> Vec<DayJson> {
    let rows = days.each().zip(&used.days);
    rows.map(|(day, Answers { allowed, denied })| DayJson { day, allowed: *allowed, denied: *denied })
        .collect()
}

pub(crate) fn total(Answers { allowed, denied }: Answers) -> u64 {
    allowed.saturating_add(denied)
}

/// How many columns a full bar takes.
const BAR: u64 = 10;

/// A bar in eighths of a column.
fn bar(count: u64, most: u64) -> String {
    let eighths = u128::from(count) * u128::from(BAR) * 8 / u128::from(most.max(1));
    // What is there is seen.
    let eighths = usize::try_from(eighths).unwrap_or_default().max(usize::from(count > 0));
    let rest = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉'][eighths % 8];
    let mut text = "█".repeat(eighths / 8);
    if rest != ' ' {
        text.push(rest);
    }
    let wide = text.chars().count();
    text + &" ".repeat(usize::try_from(BAR).unwrap_or_default().saturating_sub(wide))
}

/// Blocks in a line of days: several days share one where there are many.
const BLOCKS: usize = 30;

/// A block for each day, the highest for the most of them.
fn line(counts: &[u64]) -> String {
    let shared = counts.len().div_ceil(BLOCKS).max(1);
    let sums: Vec<u64> =
        counts.chunks(shared).map(|days| days.iter().fold(0, |sum, day| day.saturating_add(sum))).collect();
    let most = sums.iter().copied().max().unwrap_or_default().max(1);
    let block = |count: &u64| {
        if *count == 0 {
            '·'
        } else {
            let height = (u128::from(*count) * 8).div_ceil(u128::from(most)).clamp(1, 8);
            ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'][usize::try_from(height).unwrap_or(1) - 1]
        }
    };
    sums.iter().map(block).collect()
}

fn counted(name: &'static str, count: u64, most: u64) -> Field {
    Field::new(name, count.to_string()).human(format!("{} {count}", bar(count, most))).whole()
}

/// The numbers of each day for programs, a line of blocks for people.
fn by_days(counts: &[u64]) -> Field {
    let numbers: Vec<String> = counts.iter().map(u64::to_string).collect();
    Field::new("days", numbers.join(" ")).human(line(counts)).whole()
}

fn denied(count: u64) -> Field {
    let field = Field::new("denied", count.to_string());
    if count > 0 { field.tone(Tone::Warn) } else { field }
}

fn spent(quota: Option<Spent>) -> Field {
    let field = Field::new(
        "spent",
        quota.map(|Spent { quota, spent }| format!("{spent} of {quota}")).unwrap_or_default(),
    );
    let is_over = quota.is_some_and(|Spent { quota, spent }| spent >= quota.limit);
    let field = if is_over { field.tone(Tone::Bad) } else { field };
    field.extra()
}

fn totals(used: &Used) -> Vec<u64> {
    used.days.iter().map(|day| total(*day)).collect()
}

impl View for Row<'_, KeyUsed> {
    fn json(&self) -> impl Serialize {
        let KeyUsed { key, used, quota } = self.of;
        let Answers { allowed, denied } = used.sum();
        KeyJson {
            id: key.id,
            owner: &key.owner,
            name: &key.name,
            allowed,
            denied,
            last_used_at: key.last_used.at(),
            quota: quota.map(SpentJson::from),
            days: day_rows(self.days, used),
        }
    }

    fn fields(&self, screen: &Screen) -> Vec<Field> {
        let KeyUsed { key, used, quota } = self.of;
        let sum = used.sum();
        vec![
            Field::new("key", key.path()),
            counted("answers", total(sum), self.most),
            denied(sum.denied),
            by_days(&totals(used)),
            moment("last_used_at", key.last_used.at(), "never", screen).extra(),
            spent(*quota),
            Field::new("id", key.id.to_string()).tone(Tone::Dim).extra(),
        ]
    }
}

impl View for Row<'_, OwnerUsed> {
    fn json(&self) -> impl Serialize {
        let OwnerUsed { owner, keys, used, quota } = self.of;
        let Answers { allowed, denied } = used.sum();
        let (quota, days) = (quota.map(SpentJson::from), day_rows(self.days, used));
        OwnerJson { owner, keys: *keys, allowed, denied, quota, days }
    }

    fn fields(&self, _: &Screen) -> Vec<Field> {
        let OwnerUsed { owner, keys, used, quota } = self.of;
        let sum = used.sum();
        vec![
            Field::new("owner", owner.as_str()),
            counted("answers", total(sum), self.most),
            denied(sum.denied),
            by_days(&totals(used)),
            Field::new("keys", keys.to_string()).extra(),
            spent(*quota),
        ]
    }
}

impl View for Row<'_, DayUsed> {
    fn json(&self) -> impl Serialize {
        let DayUsed { day, keys, answers: Answers { allowed, denied } } = self.of;
        OneDayJson { day: *day, keys: *keys, allowed: *allowed, denied: *denied }
    }

    fn fields(&self, _: &Screen) -> Vec<Field> {
        let DayUsed { day, keys, answers } = self.of;
        vec![
            Field::new("day", day.to_string()),
            counted("answers", total(*answers), self.most),
            denied(answers.denied),
            Field::new("keys", keys.to_string()),
        ]
    }
}

impl View for Row<'_, WouldDeny> {
    fn json(&self) -> impl Serialize {
        let WouldDeny { policy, reason, days } = self.of;
        let rows = self.days.each().zip(days).map(|(day, count)| CountJson { day, count: *count });
        WouldDenyJson { policy, reason, count: self.of.count(), days: rows.collect() }
    }

    fn fields(&self, _: &Screen) -> Vec<Field> {
        let WouldDeny { policy, reason, days } = self.of;
        vec![
            Field::new("policy", policy.as_str()),
            Field::new("reason", reason.as_str()),
            counted("would_deny", self.of.count(), self.most),
            by_days(days),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_long_as_its_count_and_one_of_something_is_seen() {
        for (count, most, shown) in [
            (0, 8, ""),
            (8, 8, "██████████"),
            (4, 8, "█████"),
            (1, 1_000_000, "▏"),
            (0, 0, ""),
            (u64::MAX, u64::MAX, "██████████"),
        ] {
            assert_eq!(bar(count, most).trim_end(), shown, "{count} of {most}");
            assert_eq!(bar(count, most).chars().count(), 10);
        }
    }

    #[test]
    fn days_are_a_line_of_blocks() {
        assert_eq!(line(&[0, 1, 4, 8]), "·▁▄█");
        assert_eq!(line(&[0, 0]), "··");
        assert_eq!(line(&[1; 60]), "█".repeat(30));
        assert_eq!(line(&[u64::MAX, 1]), "█▁");
    }
}
