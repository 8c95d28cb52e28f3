using AwesomeAssertions;
using PkgForge.Server.Builds.Roots;
using PkgForge.Server.Processes;
using Xunit;

namespace PkgForge.Tests.Builds;

public sealed class DiskWatchTests : IDisposable
{
    private const int MiB = 1 << 20;

    // Not in memory: that is where other tests write.
    private readonly string place = Directory
        .CreateDirectory($"/var/tmp/pkgforge-watch-{Guid.NewGuid():N}/root")
        .Parent!.FullName;

    private readonly TaskCompletionSource stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Dispose() => Directory.Delete(place, recursive: true);

    [Fact]
    public async Task Who_writes_more_than_the_limit_is_stopped()
    {
        await using var watch = new DiskWatch(place, 8 * MiB, stopped.SetResult, command => command);
        await File.WriteAllBytesAsync($"{place}/root/filling", new byte[16 * MiB]);

        await stopped.Task.WaitAsync(TimeSpan.FromSeconds(20));

        watch.TooMany.Should().Be("8 MiB");
        watch.DiskIsFull.Should().BeFalse();
    }

    [Fact]
    public async Task A_count_that_tells_nothing_is_no_count_of_nothing()
    {
        await using var watch = new DiskWatch(
            place,
            8 * MiB,
            stopped.SetResult,
            _ => new("sh", "-c", "echo '1 unreadable' >&2; exit 1")
        );
        await File.WriteAllBytesAsync($"{place}/root/filling", new byte[16 * MiB]);

        await stopped.Task.WaitAsync(TimeSpan.FromSeconds(20));

        watch.Trouble.Should().Contain("1 unreadable");
        watch.TooMany.Should().BeNull();
    }

    [Fact]
    public async Task A_disk_with_hardly_anything_left_stops_who_writes_there_whatever_he_has_written()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root may mount a small file system");
        await Tool.RequireAsync(new("mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", place), default);
        try
        {
            Directory.CreateDirectory($"{place}/root");
            await using var watch = new DiskWatch(place, 8 * MiB, stopped.SetResult, command => command);

            await stopped.Task.WaitAsync(TimeSpan.FromSeconds(20));

            watch.DiskIsFull.Should().BeTrue("less is left than what is kept for others");
            watch.IsOver.Should().BeFalse();
        }
        finally
        {
            await Tool.RequireAsync(new("umount", place), default);
        }
    }

    [Fact]
    public async Task Who_fills_the_disk_while_his_many_files_are_counted_is_stopped_before_they_are()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root may mount a small file system");
        await Tool.RequireAsync(new("mount", "-t", "tmpfs", "-o", "size=600m", "tmpfs", place), default);
        try
        {
            var slow = new Command("sleep", "60");
            await using var watch = new DiskWatch(place, 8 * MiB, stopped.SetResult, _ => slow);
            await File.WriteAllBytesAsync($"{place}/filling", new byte[16 * MiB]);
            await Task.Delay(TimeSpan.FromSeconds(1));
            stopped.Task.IsCompleted.Should().BeFalse("it is being counted");

            await File.WriteAllBytesAsync($"{place}/more", new byte[128 * MiB]);
            await stopped.Task.WaitAsync(TimeSpan.FromSeconds(20));

            watch.DiskIsFull.Should().BeTrue();
        }
        finally
        {
            await Tool.RequireAsync(new("umount", place), default);
        }
    }

    [Fact]
    public async Task A_disk_that_cannot_be_asked_stops_who_writes_there_because_nobody_would_stop_him_otherwise()
    {
        var gone = Directory.CreateDirectory($"{place}/gone").FullName;
        await using var watch = new DiskWatch(gone, 8 * MiB, stopped.SetResult, command => command);
        Directory.Delete(gone);

        await stopped.Task.WaitAsync(TimeSpan.FromSeconds(20));

        watch.Trouble.Should().Contain(gone);
        (watch.IsOver || watch.DiskIsFull).Should().BeFalse();
    }

    [Fact]
    public async Task What_somebody_else_takes_of_the_disk_stops_nobody()
    {
        await using var watch = new DiskWatch(place, 8 * MiB, stopped.SetResult, command => command);
        await File.WriteAllBytesAsync($"{place}/beside", new byte[32 * MiB]);
        await File.WriteAllBytesAsync($"{place}/root/little", new byte[MiB]);
        await Task.Delay(TimeSpan.FromSeconds(1));

        stopped.Task.IsCompleted.Should().BeFalse();
        (await watch.HeldAsync()).Should().BeInRange(MiB, 2 * MiB);
    }
}
