using System.Diagnostics;
using System.Security.Cryptography;
using PkgForge.Bench.Farms;
using PkgForge.Bench.Measuring;
using PkgForge.Sources;

namespace PkgForge.Bench.Rows;

/// <summary>How much longer a source package's validation takes than to read and hash its bytes once, in one process.</summary>
internal sealed class SrpmValidate()
    : Row(
        "srpm-validate",
        "validation of a 200 MB SRPM against one SHA-256 pass over it, in one process",
        new Bar.Ratio(1.6)
    )
{
    private const int ReadSize = 1 << 20;

    public override async Task<Figures> MeasureAsync(Place place)
    {
        var path = await LargeSrpm.PathAsync(place);
        return await Paired.MeasureAsync(
            place.Pairs(15),
            "ms",
            () => Task.FromResult(Milliseconds(() => Validate(path))),
            () => Task.FromResult(Milliseconds(() => Hash(path))),
            warmUps: 2
        );
    }

    private static double Milliseconds(Action action)
    {
        var started = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    private static void Validate(string path)
    {
        var result = new SourceRpm(path).Validate();
        if (!result.IsValid)
            throw new CannotMeasureException(result.ToString());
    }

    private static void Hash(string path)
    {
        using var file = File.OpenHandle(path);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[ReadSize];
        int count;
        for (long position = 0; (count = RandomAccess.Read(file, buffer, position)) > 0; position += count)
            hash.AppendData(buffer.AsSpan(0, count));
        hash.GetHashAndReset();
    }
}
