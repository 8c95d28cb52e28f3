using PkgForge.EndToEnd.Farms;

namespace PkgForge.EndToEnd.Faults;

/// <summary>A job of a run, and what may become of it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Words">Words of <c>submit</c> before the sources.</param>
/// <param name="Steps">What each of its sources does; a source a line list.</param>
/// <param name="Platforms">How many tasks it has.</param>
/// <param name="State">What it must come to.</param>
internal sealed record PlannedJob(string Id, string[] Words, string[][] Steps, int Platforms, string State)
{
    /// <summary>Submit was heard to say that the job is placed.</summary>
    public bool IsAcknowledged { get; set; }

    /// <summary>A user has asked to cancel it: it may come to its state, or be cancelled.</summary>
    public bool IsCancelled { get; set; }

    public bool MayBe(string state) => state == State || IsCancelled && state is "cancelled" or "partially failed";

    /// <summary>Its sources, on disk.</summary>
    public string[] Sources(TestFarm farm) => [.. Steps.Select((steps, i) => farm.Script($"{Id}-s{i}", steps))];

    /// <summary>The whole command line.</summary>
    public string[] Submit(TestFarm farm) => ["submit", "-B", Bucket, "--id", Id, .. Words, .. Sources(farm)];

    public string Bucket { get; init; } = "main";

    /// <summary>More than fits into a block of a disk: a log of that is stored when its attempt has ended.</summary>
    private static readonly string[] Long = [.. Enumerable.Repeat($"print {new string('=', 100)}", 50)];

    /// <summary>
    /// Some jobs, none like the other: one or two platforms, one or two sources, products of the same name as other jobs' products, one
    /// that fails, one that is refused, one that publishes nothing.
    /// </summary>
    public static List<PlannedJob> Some(Random random)
    {
        var sleep = random.Next(4) == 0 ? "sleep 0.4" : "print quick";
        List<PlannedJob> jobs =
        [
            new(
                "both",
                ["-p", "all"],
                [
                    [sleep, "product both.txt of-both", "product shared.txt of-both"],
                ],
                2,
                "successful"
            ),
            new(
                "pair",
                [],
                [
                    ["product pair-a.txt a"],
                    ["product pair-b.txt b", sleep],
                ],
                1,
                "successful"
            ),
            new(
                "shared",
                ["-p", "all"],
                [
                    ["product shared.txt of-shared"],
                ],
                2,
                "successful"
            ),
            new(
                "broken",
                [],
                [
                    ["print x", "fail compile broken.c:1: no"],
                ],
                1,
                "failed"
            ),
            new(
                "scratch",
                ["--scratch"],
                [
                    ["product scratch.txt s"],
                ],
                1,
                "successful"
            ),
            new(
                "elsewhere",
                [],
                [
                    ["product other.txt o"],
                ],
                1,
                "successful"
            )
            {
                Bucket = "other",
            },
        ];
        var chosen = jobs.OrderBy(_ => random.Next()).Take(random.Next(1, 4)).ToList();
        chosen.Insert(
            random.Next(chosen.Count),
            new(
                "sure",
                [],
                [
                    [.. Long, sleep, "product sure.txt s"],
                ],
                1,
                "successful"
            )
        );
        chosen.Add(
            new(
                "refused",
                [],
                [
                    ["print r"],
                ],
                0,
                "invalid"
            )
            {
                Bucket = "nowhere",
            }
        );
        return chosen;
    }
}
