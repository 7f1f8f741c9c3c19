//! When a failed attempt is made again.

use crate::engine::retry::{MAIL_RETRY, WAITS, next_delay};
use crate::time::Duration;

#[test]
fn waits_follow_the_list_within_a_fifth() {
    for attempt in 1..=20_u32 {
        let wait = WAITS[(attempt as usize - 1).min(WAITS.len() - 1)].0;
        for number in 0..500 {
            let key = format!("key-{number}");
            let Duration(delay) = next_delay(attempt, 20, &key, None).unwrap();
            assert!(
                delay * 10 >= wait * 8 && delay * 10 <= wait * 12,
                "{attempt}: {delay}"
            );
        }
    }
}

#[test]
fn waits_are_spread_and_yet_the_same_each_time() {
    let delays: Vec<i64> = (0..1_000)
        .map(|number| next_delay(9, 9, &format!("key-{number}"), None).unwrap().0)
        .collect();
    let again: Vec<i64> = (0..1_000)
        .map(|number| next_delay(9, 9, &format!("key-{number}"), None).unwrap().0)
        .collect();
    assert_eq!(delays, again);
    let mean = delays.iter().sum::<i64>() / 1_000;
    assert!((mean - 86_400).abs() < 1_500, "the mean is {mean}");
    assert!(delays.iter().min().unwrap() < &71_000);
    assert!(delays.iter().max().unwrap() > &101_000);
}

#[test]
fn attempts_are_used_up() {
    assert_eq!(next_delay(1, 0, "k", None), None);
    assert!(next_delay(1, 1, "k", None).is_some());
    assert_eq!(next_delay(2, 1, "k", None), None);
    assert_eq!(next_delay(u32::MAX, u32::MAX - 1, "k", None), None);
    assert!(next_delay(u32::MAX, u32::MAX, "k", None).is_some());
    assert!(next_delay(0, 0, "k", None).is_some(), "nothing was tried yet");
}

#[test]
fn the_receiver_is_heard() {
    assert_eq!(next_delay(1, 5, "k", Some(Duration(100))), Some(Duration(100)));
    let own = next_delay(3, 5, "k", None);
    assert_eq!(next_delay(3, 5, "k", Some(Duration(1))), own);
}

#[test]
fn a_mail_is_tried_for_seven_days() {
    let total: i64 = (1..)
        .map_while(|attempt| next_delay(attempt, MAIL_RETRY, "k", None))
        .map(|delay| delay.0)
        .sum();
    let days = total / 86_400;
    assert!((6..=8).contains(&days), "{days} days");
}
