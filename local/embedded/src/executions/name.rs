//! What an execution may be called, as `StartExecution` of Step Functions has it.

use super::ExecutionError;

/// The longest name, in characters.
pub(super) const LONGEST: usize = 80;
/// Brackets, wildcards and special characters.
const SIGNS: &str = "<>{}[]?*\"#%\\^|~`$&,;:/";

/// Refuses what Step Functions takes for no name.
pub(super) fn check(name: &str) -> Result<(), ExecutionError> {
    let wrong = |why: String| Err(ExecutionError::InvalidName(name.to_owned(), why));
    let length = name.chars().count();
    if length == 0 || length > LONGEST {
        return wrong(format!("it has {length} characters, not 1 to {LONGEST}"));
    }
    match name.chars().find(|letter| is_refused(*letter)) {
        None => Ok(()),
        Some(letter) if letter.is_whitespace() => wrong("it has white space".to_owned()),
        Some(letter) if SIGNS.contains(letter) => {
            wrong(format!("it has a '{letter}'; none of {SIGNS} may be in it"))
        }
        Some(letter) => wrong(format!("it has the character U+{:04X}", u32::from(letter))),
    }
}

fn is_refused(letter: char) -> bool {
    let beyond = matches!(letter, '\u{fffe}' | '\u{ffff}' | '\u{10ffff}');
    letter.is_whitespace() || letter.is_control() || SIGNS.contains(letter) || beyond
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_step_functions_takes() {
        let longest = "n".repeat(LONGEST);
        for fine in ["a", "run-1_b.c", "Grüße", "01J(x)='@!+", &longest] {
            assert_eq!(check(fine), Ok(()), "{fine}");
        }
        let signs: Vec<String> = SIGNS.chars().map(|sign| format!("a{sign}b")).collect();
        let longer = "n".repeat(LONGEST + 1);
        let others = [
            "",
            "a b",
            "a\tb",
            "a\u{7f}",
            "a\u{9f}",
            "a\u{ffff}",
            &longer,
        ];
        for wrong in signs.iter().map(String::as_str).chain(others) {
            let refused = check(wrong);
            assert!(
                matches!(refused, Err(ExecutionError::InvalidName(..))),
                "{wrong:?}"
            );
        }
        let said = check("a/b").unwrap_err().to_string();
        assert!(said.contains("a/b") && said.contains("'/'"), "{said}");
    }
}
