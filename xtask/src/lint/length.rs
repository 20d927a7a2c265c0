//! A long file is a sign that two things live in it.

use super::Finding;
use super::files::File;

const RUST: usize = 600;
const WEB: usize = 400;

/// Files beyond the limit; tests, migrations and generated types are exempt.
pub fn check(tree: &[File]) -> Vec<Finding> {
    tree.iter().filter_map(finding).collect()
}

fn finding(file: &File) -> Option<Finding> {
    let limit = match file.ending() {
        "rs" => RUST,
        "ts" | "vue" => WEB,
        _ => return None,
    };
    let exempt =
        file.is_test() || file.path.contains("/migrations/") || file.path.ends_with("schema.d.ts");
    let lines = file.text.lines().count();
    (lines > limit && !exempt).then(|| {
        Finding::new(
            &file.path,
            0,
            format!("{lines} lines, the limit is {limit}: find the two things that live in it"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, lines: usize) -> File {
        File {
            path: path.to_owned(),
            text: "x\n".repeat(lines),
        }
    }

    #[test]
    fn the_limit_depends_on_the_kind_and_spares_tests_and_generated_files() {
        let tree = [
            file("crates/core/src/sla.rs", 600),
            file("crates/core/src/long.rs", 601),
            file("crates/core/src/sla/tests.rs", 2_000),
            file("crates/server/tests/it/main.rs", 2_000),
            file("crates/server/src/migrations/m1.rs", 2_000),
            file("web/src/features/desk/List.vue", 401),
            file("web/src/features/desk/List.spec.ts", 900),
            file("web/src/api/schema.d.ts", 9_000),
            file("README.md", 5_000),
        ];
        let found: Vec<String> = check(&tree).into_iter().map(|f| f.file).collect();
        assert_eq!(
            found,
            ["crates/core/src/long.rs", "web/src/features/desk/List.vue"]
        );
    }
}
