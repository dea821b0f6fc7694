//! Runs the table of cases in `tests/cases/`: each names the rule it proves.

mod bench;

use bench::check_file;

macro_rules! files {
    ($($name:ident),* $(,)?) => {
        $(
            #[tokio::test]
            async fn $name() {
                check_file(stringify!($name)).await;
            }
        )*

        #[test]
        fn every_file_is_run() {
            bench::assert_files(&[$(stringify!($name)),*]);
        }
    };
}

files!(
    choice,
    comparisons,
    data,
    dataflow,
    distributed,
    errors,
    expressions,
    intrinsics,
    map,
    parallel,
    paths,
    problems,
    refused,
    retry,
    tasks,
    variables,
    wait
);
