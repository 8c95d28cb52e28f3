using System.Text;
using AwesomeAssertions;
using CsCheck;
using PkgForge.Jobs;
using PkgForge.Sources;
using Xunit;

namespace PkgForge.Tests.Jobs;

public sealed class ManifestRoundTripTests
{
    /// <summary>Characters that YAML, Unicode or .NET treat in some way of their own.</summary>
    private const string Awkward =
        " '\"\\:#-?!&*%@`{}[]|>,~=.aZ0\u00a0\u00e9\u2028\u2029\ufeff\ufffe\uffff\ufffd\u200b";

    private static readonly Gen<string> Character = Gen.OneOf(
        Gen.Char[Awkward].Select(c => c.ToString()),
        Gen.Char['a', 'z'].Select(c => c.ToString()),
        Gen.Int[0x1F300, 0x1F5FF].Select(char.ConvertFromUtf32)
    );

    private static readonly Gen<string> Text = Character.Array[1, 60].Select(parts => string.Concat(parts));

    private static readonly Gen<string> Name = Text.Where(text => JobRules.FileName(text) is null);

    private static readonly Gen<string> Word = Text.Where(text => JobRules.Word(text) is null);

    private static readonly Gen<string> Identifier = Gen.String[Gen.Char["abcxyz0189_.-"], 0, 30].Select(s => "a" + s);

    private static readonly Gen<string> Address = Gen.Select(Identifier, Identifier, (a, b) => $"{a}@{b}");

    private static readonly Gen<SourceFile> SomeFile = Gen.Select(
        Name,
        Gen.Long[0, JobRules.MaxFileSize],
        Gen.Byte.Array[32].Select(Convert.ToHexStringLower),
        (name, size, digest) => new SourceFile(name, size, digest)
    );

    private static readonly Gen<Job> SomeJobs = Gen.Select(
        Gen.Select(Identifier, Identifier, Identifier),
        Gen.Select(Word.Array[0, 5], Word.Array[0, 5], Address.Array[0, 5]),
        SomeFile.Array[1, 20].Select(files => files.DistinctBy(file => file.Name).ToArray()),
        Gen.Select(Gen.Long[0, 253_402_300_799], Gen.Bool, Gen.Bool, Gen.Bool),
        (names, lists, files, rest) =>
            new Job
            {
                Id = JobId.Parse(names.Item1),
                Submitter = names.Item2,
                Bucket = names.Item3,
                Time = DateTimeOffset.FromUnixTimeSeconds(rest.Item1),
                Platforms = lists.Item1,
                Architectures = lists.Item2,
                Report = lists.Item3,
                OnError = rest.Item2 ? OnError.Stop : OnError.Retry,
                Scratch = rest.Item3,
                Order = rest.Item4 ? BuildOrder.Deps : BuildOrder.Given,
                Sources = [.. files.Select(file => file.Name).Reverse()],
                Files = files,
            }
    );

    [Fact]
    public void Every_legal_job_is_read_as_it_was_written() =>
        SomeJobs.Sample(
            job =>
            {
                var result = Manifest.Read(Manifest.Write(job));

                result.Error.Should().BeNull();
                result.Job.Should().BeEquivalentTo(job, o => o.WithStrictOrdering().ComparingByMembers<Job>());
            },
            iter: 300
        );

    [Fact]
    public void Whatever_the_bytes_are_the_answer_is_a_result()
    {
        var legal = Manifest.Write(SomeJob.With());
        Gen.Select(Gen.Int[0, legal.Length - 1], Gen.Byte, Gen.Int[0, legal.Length])
            .Sample(
                (place, value, length) =>
                {
                    var bytes = legal.ToArray();
                    bytes[place] = value;
                    var result = Manifest.Read(bytes.AsSpan(0, length));

                    (result.Job is null).Should().Be(result.Error is not null);
                },
                iter: 3000
            );
    }

    [Fact]
    public void Whatever_the_text_is_the_answer_is_a_result() =>
        Gen.String[Gen.Char[Awkward + "\n\t\0"], 0, 60]
            .Sample(
                text =>
                    (Manifest.Read(Encoding.UTF8.GetBytes("version: 1\nid: " + text)).Error is not null)
                        .Should()
                        .BeTrue(),
                iter: 3000
            );
}
