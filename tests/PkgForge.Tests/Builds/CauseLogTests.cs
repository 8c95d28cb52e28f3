using System.Security.Cryptography;
using System.Text;
using AwesomeAssertions;
using PkgForge.Registry;
using PkgForge.Server.Builds;
using PkgForge.Server.Builds.Roots;
using PkgForge.Server.Processes;
using Xunit;

namespace PkgForge.Tests.Builds;

/// <summary>
/// Causes are found in real logs of failures that were made on purpose (tests/causes). Rules may be written from one half of them; the other
/// half is for measuring.
/// </summary>
public sealed class CauseLogTests(ITestOutputHelper output)
{
    /// <summary>Known from how the tool ended, not from the log.</summary>
    private static readonly string[] Limits = ["timeout", "no-output", "log-limit"];

    [Theory]
    [InlineData(0, 43)]
    [InlineData(1, 36)]
    public void As_many_causes_are_right_as_when_that_was_measured(int half, int right)
    {
        var wrong = new List<string>();
        var found = 0;
        foreach (var (name, label) in Labelled().Where(log => HalfOf(log.Name) == half))
        {
            var cause = CauseOf(name);
            if (cause == label)
                found++;
            else
                wrong.Add($"{name}: {label}, found {cause}");
        }
        output.WriteLine($"{found} of {found + wrong.Count} right; wrong: {string.Join("; ", wrong)}");
        found.Should().BeGreaterThanOrEqualTo(right, "wrong are {0}", string.Join("; ", wrong));
    }

    private static IEnumerable<(string Name, string Label)> Labelled() =>
        File.ReadLines(Checkout.PathOf("tests/causes/logs.tsv"))
            .Select(line => line.Split('\t'))
            .Where(words => !Limits.Contains(words[1]))
            .Select(words => (words[0], words[1]));

    private static int HalfOf(string name) => SHA256.HashData(Encoding.UTF8.GetBytes(name))[0] % 2;

    private static string CauseOf(string name)
    {
        var directory = Directory.CreateTempSubdirectory("pkgforge-test-").FullName;
        try
        {
            using var log = new BuildLog($"{directory}/log", 1 << 20, TimeProvider.System);
            log.Write(File.ReadAllBytes(Checkout.PathOf($"tests/causes/logs/{name}.log")));
            var step = new BuildStep("build", new Step("dpkg-buildpackage"), Cause.Unknown);
            return Causes.Find(step, new(ToolEnd.Exited, 2), new(), log).Cause!.Value.Name();
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
