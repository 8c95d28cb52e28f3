using System.Diagnostics;
using AwesomeAssertions;
using PkgForge.Native;
using PkgForge.Spool;
using Xunit;

namespace PkgForge.Tests.Spool;

public sealed class DirectoryTreeTests : IDisposable
{
    private readonly SpoolFixture farm = new();

    public void Dispose() => farm.Dispose();

    private string Tree => farm.Root + "/tree";

    private static void Python(string program, string argument)
    {
        using var process = Process.Start("python3", ["-c", program, argument]);
        process.WaitForExit();
        process.ExitCode.Should().Be(0);
    }

    [Fact]
    public void A_tree_is_removed_and_what_its_links_lead_to_stays()
    {
        var kept = farm.Write("home/kept/file", "x");
        farm.Write("tree/a/b/c/d/file", "x");
        File.CreateSymbolicLink(Tree + "/a/link", farm.Home + "/kept");
        File.CreateSymbolicLink(Tree + "/a/b/filelink", kept);

        DirectoryTree.Remove(Tree);

        Directory.Exists(Tree).Should().BeFalse();
        File.Exists(kept).Should().BeTrue();
    }

    [Fact]
    public void A_file_or_a_link_is_removed_and_nothing_is_no_error()
    {
        var kept = farm.Write("home/file", "x");
        File.CreateSymbolicLink(Tree, farm.Home);

        DirectoryTree.Remove(Tree);
        DirectoryTree.Remove(Tree);
        DirectoryTree.Remove(Tree + "/a/b");

        File.Exists(kept).Should().BeTrue();
        FileSystem.Exists(Tree).Should().BeFalse();
    }

    [Fact]
    public void A_hundred_thousand_entries_are_removed()
    {
        Directory.CreateDirectory(Tree);
        Python("import os,sys\nfor i in range(100000): os.mknod(sys.argv[1]+'/'+str(i))", Tree);

        DirectoryTree.Remove(Tree);

        Directory.Exists(Tree).Should().BeFalse();
    }

    [Fact]
    public void A_tree_deeper_than_any_path_is_removed()
    {
        Directory.CreateDirectory(Tree);
        Python("import os,sys\nos.chdir(sys.argv[1])\nfor i in range(3000): os.mkdir('deep'); os.chdir('deep')", Tree);

        DirectoryTree.Remove(Tree);

        Directory.Exists(Tree).Should().BeFalse();
    }

    [Fact]
    public void Names_that_are_not_text_are_removed()
    {
        Directory.CreateDirectory(Tree);
        Python(
            "import os,sys\nt=sys.argv[1].encode()\nos.mkdir(t+b'/\\xff\\xfe')\nos.mknod(t+b'/\\xff\\xfe/\\x80')",
            Tree
        );

        DirectoryTree.Remove(Tree);

        Directory.Exists(Tree).Should().BeFalse();
    }

    /// <summary>Run by an ordinary user this shows that the bits are set first; root does not need them.</summary>
    [Fact]
    public void Directories_without_permissions_are_removed()
    {
        farm.Write("tree/closed/inner/innermost/file", "x");
        foreach (var path in new[] { "/closed/inner/innermost", "/closed/inner", "/closed" })
            File.SetUnixFileMode(Tree + path, UnixFileMode.None);

        DirectoryTree.Remove(Tree);

        Directory.Exists(Tree).Should().BeFalse();
    }

    [Fact]
    public async Task Two_may_remove_the_same_tree_at_once()
    {
        for (var i = 0; i < 2000; i++)
            farm.Write($"tree/{i % 20}/{i % 7}/{i}", "x");

        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => DirectoryTree.Remove(Tree))));

        Directory.Exists(Tree).Should().BeFalse();
    }

    [Fact]
    public void Removing_can_be_cancelled()
    {
        farm.Write("tree/file", "x");
        using var cancel = new CancellationTokenSource();
        cancel.Cancel();

        FluentActions
            .Invoking(() => DirectoryTree.Remove(Tree, cancel.Token))
            .Should()
            .Throw<OperationCanceledException>();
    }
}
