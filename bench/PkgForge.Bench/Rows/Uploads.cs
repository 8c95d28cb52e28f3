using System.Diagnostics;
using System.Globalization;
using System.Text;
using PkgForge.Bench.Farms;
using PkgForge.Bench.Measuring;
using PkgForge.Server.Processes;

namespace PkgForge.Bench.Rows;

/// <summary>The upload of a file of 1 GB, by tus.</summary>
internal abstract class Uploading(string name, string what, Bar bar) : Row(name, what, bar)
{
    protected const long Size = 1_000_000_000;

    public override async Task<Figures> MeasureAsync(Place place)
    {
        var file = $"{place.Scratch}/upload";
        await Tool.RequireAsync(
            new("dd", "if=/dev/urandom", $"of={file}", "bs=1000000", $"count={Size / 1_000_000}", "status=none"),
            CancellationToken.None
        );
        await using var site = await SiteFarm.StartAsync(place, Name, role: "submitter");
        return await MeasureAsync(place, site, file);
    }

    protected abstract Task<Figures> MeasureAsync(Place place, SiteFarm site, string file);

    /// <summary>Begins an upload, sends the file by <c>curl</c> in one piece, and throws it away. MB a second of the sending.</summary>
    protected static async Task<double> UploadAsync(SiteFarm site, string file)
    {
        var metadata = $"filename {Convert.ToBase64String("upload.dsc"u8)}";
        var address = await site.PostAsync(
            "/api/v1/uploads",
            ("Upload-Length", Size.ToString(CultureInfo.InvariantCulture)),
            ("Upload-Metadata", metadata)
        );
        var rate = await CurlAsync(
            file,
            new(site.Address, address),
            $"Authorization: Bearer {site.Token}",
            "Tus-Resumable: 1.0.0",
            "Upload-Offset: 0",
            "Content-Type: application/offset+octet-stream"
        );
        await site.DeleteAsync(address);
        return rate;
    }

    /// <summary>Sends a file; MB a second.</summary>
    protected static async Task<double> CurlAsync(string file, Uri address, params IReadOnlyList<string> headers)
    {
        var started = Stopwatch.GetTimestamp();
        await Tool.RequireAsync(
            new(
                "curl",
                [
                    "-sS",
                    "--fail",
                    "-X",
                    "PATCH",
                    "-T",
                    file,
                    "-H",
                    "Expect:",
                    .. headers.SelectMany(header => new[] { "-H", header }),
                    address.AbsoluteUri,
                ]
            ),
            CancellationToken.None
        );
        return Size / 1e6 / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }
}

/// <summary>How fast it is taken.</summary>
internal sealed class UploadRate()
    : Uploading(
        "upload-rate",
        "upload of 1 GB by `curl` and tus, against `curl` to a server that reads and drops it",
        new Bar.Rate(0.7)
    )
{
    protected override async Task<Figures> MeasureAsync(Place place, SiteFarm site, string file)
    {
        await using var sink = await NullSink.StartAsync();
        return await Paired.MeasureAsync(
            place.Pairs(7),
            "MB/s",
            () => UploadAsync(site, file),
            () => CurlAsync(file, sink.Address)
        );
    }
}

/// <summary>What the server has in memory meanwhile.</summary>
internal sealed class UploadMemory()
    : Uploading("upload-rss", "the most memory of `pkgforge serve` during uploads of 1 GB", new Bar.Most(100, "MB"))
{
    protected override async Task<Figures> MeasureAsync(Place place, SiteFarm site, string file)
    {
        var uploads = place.Pairs(3);
        for (var i = 0; i < uploads; i++)
            await UploadAsync(site, file);
        return new(Memory.MostResident(site.ServerId), "MB", uploads);
    }
}
