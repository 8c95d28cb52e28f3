using AwesomeAssertions;
using PkgForge.Native;
using PkgForge.Tests.Spool;
using Xunit;

namespace PkgForge.Tests.Native;

public sealed class FileSystemTests : IDisposable
{
    private readonly SpoolFixture farm = new();

    private string Root => farm.Root;

    public void Dispose() => farm.Dispose();

    [Fact]
    public void A_directory_has_exactly_the_mode_that_was_asked_for()
    {
        var mode = (UnixFileMode)Convert.ToInt32("2777", 8);
        FileSystem.MakeDirectory(Root + "/d", mode);

        FileSystem.Status(Root + "/d")!.Mode.Should().Be(mode);
    }

    [Fact]
    public void A_failure_names_the_action_the_path_and_the_reason()
    {
        var make = () => FileSystem.MakeDirectory(Root + "/no/d", UnixFileMode.UserRead);

        make.Should()
            .Throw<PosixException>()
            .WithMessage($"cannot make directory '{Root}/no/d': No such file or directory")
            .Which.Errno.Should()
            .Be(2);
    }

    [Fact]
    public void A_rename_to_a_taken_name_changes_nothing()
    {
        Directory.CreateDirectory(Root + "/a/in-a");
        Directory.CreateDirectory(Root + "/b");

        FileSystem.RenameDirectoryToNew(Root + "/a", Root + "/b").Should().BeFalse();
        FileSystem.RenameDirectoryToNew(Root + "/a", Root + "/c").Should().BeTrue();

        Directory.Exists(Root + "/c/in-a").Should().BeTrue();
        Directory.EnumerateFileSystemEntries(Root + "/b").Should().BeEmpty();
    }

    [Fact]
    public void Flushing_what_is_not_there_is_an_error() =>
        FluentActions.Invoking(() => FileSystem.FlushDirectory(Root + "/no")).Should().Throw<PosixException>();

    [Fact]
    public void Status_is_what_the_file_system_says()
    {
        var path = farm.Write("home/file", "12345");
        File.CreateSymbolicLink(Root + "/link", path);
        var time = new DateTime(2020, 1, 2, 3, 4, 5, 678, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(path, time);

        var status = FileSystem.Status(Root + "/link")!;

        status.Should().Be(FileSystem.LinkStatus(path));
        status.Kind.Should().Be(FileKind.Regular);
        status.Size.Should().Be(5);
        status.Links.Should().Be(1);
        status.Owner.Should().Be(Accounts.EffectiveUser);
        status.Mode.Should().Be(File.GetUnixFileMode(path));
        status.Modified.UtcDateTime.Should().Be(time);
        status.Changed.Should().BeAfter(status.Modified);
        status.Id.Should().NotBe(FileSystem.LinkStatus(Root + "/link")!.Id);
        FileSystem.LinkStatus(Root + "/link")!.Kind.Should().Be(FileKind.SymbolicLink);
        FileSystem.Status(Root + "/home")!.Kind.Should().Be(FileKind.Directory);
        FileSystem.Status("/dev/null")!.Kind.Should().Be(FileKind.Other);
        FileSystem.Status(Root + "/no").Should().BeNull();
        FileSystem.Status(path + "/no").Should().BeNull();
    }

    [Fact]
    public void A_link_is_not_opened()
    {
        File.CreateSymbolicLink(Root + "/link", farm.Write("home/file", "x"));
        File.CreateSymbolicLink(Root + "/dirlink", farm.Home);

        FluentActions.Invoking(() => FileSystem.OpenFile(Root + "/link")).Should().Throw<PosixException>();
        FluentActions.Invoking(() => FileSystem.OpenDirectory(Root + "/dirlink")).Should().Throw<PosixException>();
    }

    [Fact]
    public void An_owner_is_changed_of_the_link_or_of_what_it_leads_to()
    {
        Assert.SkipWhen(Accounts.EffectiveUser != 0, "giving files away needs root");
        var path = farm.Write("home/file", "x");
        File.CreateSymbolicLink(Root + "/link", path);

        FileSystem.ChangeOwner(Root + "/link", 1001, 1002);
        FileSystem.ChangeLinkOwner(Root + "/link", 2001, 2002);

        FileSystem.Status(path)!.Owner.Should().Be(1001);
        FileSystem.Status(path)!.Group.Should().Be(1002);
        FileSystem.LinkStatus(Root + "/link")!.Owner.Should().Be(2001);
    }

    [Fact]
    public void A_path_with_a_nul_is_refused_and_not_cut_short() =>
        FluentActions.Invoking(() => FileSystem.Status(Root + "\0/x")).Should().Throw<ArgumentException>();

    [Fact]
    public void A_lock_is_held_by_one_until_it_is_given_back()
    {
        using (FileLock.TryTake(Root + "/lock"))
            FileLock.TryTake(Root + "/lock").Should().BeNull();
        using var again = FileLock.TryTake(Root + "/lock");

        again.Should().NotBeNull();
    }

    [Fact]
    public void A_lock_file_that_is_a_link_is_refused()
    {
        File.CreateSymbolicLink(Root + "/lock", Root + "/elsewhere");

        FluentActions.Invoking(() => FileLock.TryTake(Root + "/lock")).Should().Throw<PosixException>();
        File.Exists(Root + "/elsewhere").Should().BeFalse();
    }
}
