using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using AwesomeAssertions;
using Microsoft.Data.Sqlite;
using PkgForge.Buckets;
using PkgForge.EndToEnd.Farms;
using PkgForge.Jobs;
using PkgForge.Platforms;
using PkgForge.Sources;
using PkgForge.Tests.Shared;
using PkgForge.Yaml;
using Xunit;

namespace PkgForge.EndToEnd.Hostile;

/// <summary>
/// Every hostile name at every place of a job that somebody made by hand, past <c>pkgforge submit</c>: the job is rejected with the rule, or all that it was called arrives where
/// it should, on disk, in the registry and in a mail, and nowhere else.
/// </summary>
public sealed class HostileJobTests : FarmTests
{
    private const int Invalid = 2;
    private const int Successful = 5;

    private static readonly PlatformSelection Selection = new(
        [new(new("dummy", "all"), PackageFormat.Dummy, Active: true, Auto: true)],
        new HashSet<PackageFormat> { PackageFormat.Dummy }
    );

    private static readonly (string Kind, Func<string, bool> Accepts, string Said)[] Kinds =
    [
        ("id", name => JobId.TryParse(name, out _), "id is "),
        ("bucket", BucketName.IsWellFormed, "bucket is "),
        ("report", name => JobRules.Address(name) is null, "report is "),
        ("file", IsFile, "name"),
        // The directory is the farm's own user's, who may submit for others: his server does.
        ("submitter", name => JobRules.Submitter(name) is null, "submitter is "),
        ("platform", name => Selection.Select([name], []).IsValid, "platform"),
    ];

    [Fact]
    public async Task Every_name_is_refused_with_the_rule_or_carried_to_the_end()
    {
        var sink = Keep(new SmtpSink());
        var farm = await MakeHostileFarmAsync(sink.Port);
        var place = Directory.CreateDirectory($"{farm.Directory}/sources/jobs").FullName;
        var jobs = HostileNames.All.SelectMany(JobsOf).ToList();
        jobs.ForEach(job => job.Write(place));
        await farm.GiveAsync(place);
        jobs.ForEach(job => Directory.Move($"{place}/{job.Directory}", $"{farm.Incoming}/{job.Directory}"));
        await farm.WorkAsync();

        Judge(jobs, await ReadAsync(farm));
        sink.Messages.SelectMany(message => message.To)
            .Should()
            .BeEquivalentTo(jobs.Where(job => job.Refused is null).Select(job => job.Report).OfType<string>());
        foreach (var header in sink.Messages.Select(message => Header(message.Content)))
            header
                .Split('\n')
                .Where(line => !char.IsWhiteSpace(line[0]))
                .Select(line => line.Split(':')[0])
                .Should()
                .OnlyHaveUniqueItems()
                .And.NotContain("Bcc");
        Trees(farm, jobs);
    }

    [Fact]
    public async Task Names_on_the_command_line_are_refused_with_the_rule_or_not_there()
    {
        var farm = await MakeFarmAsync();
        var names = HostileNames.Accepted(name => !name.Contains('\0'));
        foreach (var name in Escape.Probes.Long ? names : HostileNames.Some(names, 12))
        {
            foreach (
                var words in new string[][]
                {
                    ["status"],
                    ["log"],
                    ["cancel"],
                    ["builder", "show"],
                    ["buildd", "--name"],
                }
            )
            {
                string[] separated = words[^1][0] == '-' ? [] : ["--"];
                var result = await farm.TryAsync(["-c", farm.Configuration, .. words, .. separated, name]);
                result.ExitCode.Should().BeOneOf([1, 2], "of '{0}' at {1}: {2}", name, words, result);
                result.Error.Should().NotBeEmpty().And.NotContain("   at ", "no person reads a stack trace");
            }
        }
    }

    private static bool IsFile(string name) =>
        JobRules.FileName($"{name}.dummy") is null && PlainName.Fault($"{name}.dummy") is null;

    /// <summary>One job with all kinds that accept the name, and one for each kind that does not.</summary>
    private static IEnumerable<HostileJob> JobsOf(string name, int index)
    {
        var accepting = Kinds.Where(kind => kind.Accepts(name)).Select(kind => kind.Kind).ToHashSet();
        var good = new HostileJob($"good-{index}");
        if (accepting.Count > 0)
            yield return accepting.Aggregate(good, (job, kind) => job.With(kind, name));
        foreach (var kind in Kinds.Where(kind => !accepting.Contains(kind.Kind)))
            yield return new HostileJob($"{kind.Kind}-{index}").With(kind.Kind, name) with
            {
                Refused = kind.Said,
            };
    }

    private Task<TestFarm> MakeHostileFarmAsync(int port)
    {
        var buckets = HostileNames.Accepted(name => BucketName.IsWellFormed(name) && name != "main");
        return MakeFarmAsync(
            new()
            {
                More = string.Create(
                    CultureInfo.InvariantCulture,
                    $"{string.Concat(buckets.Select(name => $"  {Quoted.Yaml(name)}:\n"))}mail: {{ host: 127.0.0.1, port: {port}, from: farm@example.org, tls: none }}"
                ),
            }
        );
    }

    private static void Judge(
        IEnumerable<HostileJob> jobs,
        IReadOnlyDictionary<string, (int State, string? Reason)> facts
    )
    {
        foreach (var job in jobs)
        {
            var (state, reason) = facts[job.Directory];
            state.Should().Be(job.Refused is null ? Successful : Invalid, "of {0}: {1}", job, reason);
            if (job.Refused is { } said)
                reason.Should().Contain(said).And.NotMatchRegex(@"[\x00-\x1f\x7f]", "of {0}", job);
        }
    }

    private static async Task<IReadOnlyDictionary<string, (int State, string? Reason)>> ReadAsync(TestFarm farm)
    {
        await using var registry = new SqliteConnection(
            $"Data Source={farm.Directory}/registry.db;Mode=ReadOnly;Pooling=false"
        );
        await registry.OpenAsync();
        await using var command = registry.CreateCommand();
        command.CommandText = "SELECT id, state, reason FROM job";
        await using var reader = await command.ExecuteReaderAsync();
        var facts = new Dictionary<string, (int, string?)>(StringComparer.Ordinal);
        while (await reader.ReadAsync())
            facts.Add(reader.GetString(0), (reader.GetInt32(1), reader.IsDBNull(2) ? null : reader.GetString(2)));
        return facts;
    }

    private static string Header(byte[] content) =>
        Encoding.UTF8.GetString(content).ReplaceLineEndings("\n").Split("\n\n")[0];

    private static void Trees(TestFarm farm, IEnumerable<HostileJob> jobs)
    {
        var good = jobs.Where(job => job.Refused is null).ToList();
        Directory
            .GetDirectories($"{farm.Spool}/results")
            .Select(Path.GetFileName)
            // The farm's own notes; no job's id begins so.
            .Where(name => name != ".logs")
            .Should()
            .BeEquivalentTo(good.Select(job => job.Directory));
        farm.Files("spool/incoming").Should().BeEmpty();
        farm.Files("").Select(Path.GetFileName).Should().NotContain(HostileNames.Harm);
        foreach (var place in new[] { "/", "/tmp", Directory.GetCurrentDirectory() })
            File.Exists($"{place}/{HostileNames.Harm}").Should().BeFalse("in {0}", place);
    }

    /// <summary>A job as somebody writes it by hand.</summary>
    /// <param name="Directory">Its directory, which is its id unless the id is what is tried.</param>
    private sealed record HostileJob(string Directory)
    {
        private static readonly byte[] Script = "name hand 1.0\nproduct hand.txt x\n"u8.ToArray();

        private string? Id { get; init; }

        private string Bucket { get; init; } = "main";

        private string File { get; init; } = "hand.dummy";

        private string Submitter { get; init; } = Executable.User.Name;

        private string? Platform { get; init; }

        public string? Report { get; private init; }

        /// <summary>What its rejection must say; null when it is to succeed.</summary>
        public string? Refused { get; init; }

        public HostileJob With(string kind, string name) =>
            kind switch
            {
                "id" => JobId.TryParse(name, out _) ? this with { Directory = name } : this with { Id = name },
                "bucket" => this with { Bucket = name },
                "report" => this with { Report = name },
                "file" => this with { File = $"{name}.dummy" },
                "submitter" => this with { Submitter = name },
                _ => this with { Platform = name },
            };

        public void Write(string place)
        {
            var directory = System.IO.Directory.CreateDirectory($"{place}/{Directory}").FullName;
            System.IO.File.WriteAllText($"{directory}/job.yml", Manifest());
            if (JobRules.FileName(File) is null)
                System.IO.File.WriteAllBytes($"{directory}/{File}", Script);
        }

        private string Manifest() =>
            $"""
                version: 1
                id: {Quoted.Yaml(Id ?? Directory)}
                submitter: {Quoted.Yaml(Submitter)}
                time: "2026-11-22T18:00:00Z"
                bucket: {Quoted.Yaml(Bucket)}
                platforms: [{(Platform is null ? "" : Quoted.Yaml(Platform))}]
                report: [{(Report is null ? "" : Quoted.Yaml(Report))}]
                sources: [{Quoted.Yaml(File)}]
                files:
                - name: {Quoted.Yaml(File)}
                  size: {Script.Length.ToString(CultureInfo.InvariantCulture)}
                  sha256: "{Convert.ToHexStringLower(SHA256.HashData(Script))}"

                """;
    }
}
