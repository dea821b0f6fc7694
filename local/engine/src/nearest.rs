//! The name that was perhaps meant.

/// The name among `known` that a wrong one is nearest to, if it is near at all.
pub(crate) fn nearest<'a>(
    wrong: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let most = (wrong.chars().count() / 2).max(2);
    let distances = known.into_iter().map(|name| (distance(wrong, name), name));
    let near = distances.filter(|(distance, _)| *distance <= most);
    near.min().map(|(_, name)| name)
}

/// Letters to insert, delete or replace (Levenshtein), whatever their case.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.to_lowercase().chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.to_lowercase().chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, b) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_those_of_the_textbook() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!((distance("", "abc"), distance("abc", "")), (3, 3));
        assert_eq!(distance("Same", "same"), 0);
    }

    #[test]
    fn only_what_is_near_is_proposed() {
        let known = ["ScoreWtp", "SegmentUser", "WriteLog"];
        assert_eq!(nearest("ScoreWpt", known), Some("ScoreWtp"));
        assert_eq!(nearest("writelog", known), Some("WriteLog"));
        assert_eq!(nearest("Elephant", known), None);
    }
}
