using AwesomeAssertions;
using PkgForge.EndToEnd.Farms;
using PkgForge.EndToEnd.Real;
using Xunit;

namespace PkgForge.EndToEnd.Escape;

/// <summary>
/// Product trees and logs that are traps for whoever collects them. The package itself is made properly; then the
/// build puts something beside it.
/// </summary>
public sealed class ProductTrickTests : RealFarmTests
{
    private const string Own = "trick_1.0_amd64.deb";

    /// <summary>What looks like a product and is none: it is left where it is, and nothing of it is published.</summary>
    private const string NoProducts = """
        cd ..
        ln -s /etc/passwd link-to-file.deb
        ln -s /etc link-to-directory.deb
        ln -s /proc/self/environ link-to-proc.deb
        ln -s ../../../../../../../../etc/shadow link-with-dots.deb
        ln -s nowhere link-to-nothing.deb
        ln -s loop-b.deb loop-a.deb; ln -s loop-a.deb loop-b.deb
        mkfifo fifo.deb
        perl -MSocket -e 'socket S, PF_UNIX, SOCK_STREAM, 0; bind S, pack_sockaddr_un("socket.deb") or die'
        mkdir directory.deb directory.deb/inside.deb '.hidden'
        touch directory.deb/inner.deb .hidden/x.deb
        mkdir many; perl -e 'for (1 .. 5000) { open my $f, ">", "many/$_.deb" }'
        mkdir -p "$(printf 'd/%.0s' $(seq 1 200))"
        mknod device.deb c 1 5 2> /dev/null && echo HARM
        mknod disk.deb b 254 0 2> /dev/null && echo HARM
        ln /etc/shadow hard-link.deb 2> /dev/null && echo HARM
        true
        """;

    private static readonly (string What, string Trick)[] Bad =
    [
        ("a newline", "cp ../*.deb \"../a$(printf '\\nb').deb\""),
        ("an option", "cp ../*.deb ../--output=x.deb"),
        ("holes of a TiB", "truncate -s 1T ../giant.deb"),
    ];

    /// <summary>More of the kind, for the long form.</summary>
    private static readonly (string What, string Trick)[] MoreBad =
    [
        ("a control character", "cp ../*.deb \"../a$(printf '\\033[2J').deb\""),
        ("a leading dot", "cp ../*.deb ../.hidden.deb"),
        ("bytes that are no text", "cp ../*.deb \"../a$(printf '\\377\\376').deb\""),
        ("more than anybody wants", "perl -e 'for (1 .. 5001) { open my $f, \">\", \"../$_.deb\" }'"),
        ("no mode to read it, and no package in it", "printf x > ../closed.deb; chmod 0 ../closed.deb"),
    ];

    public static TheoryData<string, string> Refused => new(Probes.Long ? [.. Bad, .. MoreBad] : Bad);

    [Fact]
    public async Task What_is_no_regular_file_is_no_product()
    {
        var farm = await MakeRealFarmAsync();
        var job = await TryAsync(farm, NoProducts);

        job.State.Should().Be("successful", await WhyAsync(farm, "trick"));
        Bucket.Debian(farm).Should().Equal(Own);
        (await farm.DoAsync("log", "trick")).Split('\n').Should().NotContain("HARM");
        Collected(farm).Where(name => name!.EndsWith(".deb", StringComparison.Ordinal)).Should().Equal(Own);
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task A_tree_with_a_bad_product_fails_the_build_and_publishes_nothing(string what, string trick)
    {
        var farm = await MakeRealFarmAsync("limits: { time: 60s, root: 500M }");
        var job = await TryAsync(farm, trick);

        job.State.Should().Be("failed", "of {0}; {1}", what, await WhyAsync(farm, "trick"));
        job.Task.Attempts.Should().ContainSingle("it is the package's own failure: {0}", job);
        Bucket.Debian(farm).Should().BeEmpty();
        $"{job.Task.Last.Message}{job.Task.Last.Evidence}".Should().NotMatchRegex(@"[\x00-\x1f\x7f]");
    }

    [Fact]
    public async Task What_is_published_is_what_was_collected_though_the_build_goes_on_replacing_it()
    {
        const string Replacing = """
            cp ../trick_1.0_amd64.deb good
            setsid perl -e '
                open my $in, "<", "good"; local $/; my $good = <$in>;
                for (my $n = 0; ; $n++) { open my $out, ">", "../new"; print $out $good; close $out; rename "../new", "../trick_1.0_amd64.deb" }
            ' < /dev/null > /dev/null 2>&1 &
            """;
        var farm = await MakeRealFarmAsync();
        var job = await TryAsync(farm, Replacing);

        job.State.Should().Be("successful", await WhyAsync(farm, "trick"));
        Bucket.Debian(farm).Should().Equal(Own);
        (await Remains.RunningAsync($"{Cache.Work}/builders/{Deb1}")).Should().BeEmpty();
    }

    [Fact]
    public async Task Lines_that_look_like_the_farms_change_nothing()
    {
        const string Lines =
            "==> 12:00:00 products: evil.deb\\n==> 12:00:00 failed: timeout: it was not me\\nNo space left on device";
        var farm = await MakeRealFarmAsync();
        var job = await TryAsync(farm, $"printf '%b\\n' '{Lines}'");

        job.State.Should().Be("successful");
        Bucket.Debian(farm).Should().Equal(Own);
    }

    [Fact]
    public async Task The_evidence_of_a_failure_has_no_control_codes()
    {
        var farm = await MakeRealFarmAsync();
        const string Codes = @"printf 'x.c:1:1: error: \033]0;owned\007\033[2J\r==> fine\n'; exit 1";
        var job = await TryAsync(farm, Codes);

        job.State.Should().Be("failed");
        job.Task.Last.Evidence.Should().Contain("owned").And.NotMatchRegex(@"[\x00-\x1f\x7f]");
        (await farm.DoAsync("status", "trick")).Should().NotContain("\u001b");
    }

    private async Task<JobStatus> TryAsync(TestFarm farm, string trick)
    {
        var source = new NativeSource("trick", "true") { Last = trick };
        await farm.SubmitAsync("trick", source.Write($"{farm.Directory}/sources"));
        await farm.DoAsync("incoming");
        await BuildAllAsync(farm, Deb1);
        return await farm.StatusAsync("trick");
    }

    private static IEnumerable<string?> Collected(TestFarm farm) =>
        Directory
            .EnumerateFileSystemEntries($"{farm.Spool}/results/trick/{Debian}/1/products")
            .Select(Path.GetFileName);
}
