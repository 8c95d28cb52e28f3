using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace PkgForge.EndToEnd.Farms;

/// <summary>A certificate authority, and the certificate of a server on 127.0.0.1, in files.</summary>
internal sealed class TestAuthority : IAsyncDisposable
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private readonly string directory = Directory.CreateTempSubdirectory("pkgforge-tls-").FullName;
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 self;

    public TestAuthority()
    {
        var request = new CertificateRequest("CN=authority of a test", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        self = request.CreateSelfSigned(Now - Day, Now + 10 * Day);
        // The farm's user reads them.
        File.SetUnixFileMode(directory, (UnixFileMode)0b111_101_101);
        File.WriteAllText(Itself, self.ExportCertificatePem());
        Renew();
    }

    /// <summary>What others trust.</summary>
    public string Itself => $"{directory}/authority.pem";

    public string Certificate => $"{directory}/server.pem";

    public string Key => $"{directory}/server.key";

    /// <summary>Of the certificate that is in the file now.</summary>
    public string Serial { get; private set; } = "";

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    /// <summary>Puts a new certificate in the place of the one that is there.</summary>
    public void Renew()
    {
        using var own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=server of a test", own, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        var serial = RandomNumberGenerator.GetBytes(8);
        serial[0] &= 0x7f;
        using var made = request.Create(self, Now - Day, Now + Day, serial);
        Replace(Key, own.ExportPkcs8PrivateKeyPem());
        Replace(Certificate, made.ExportCertificatePem());
        Serial = made.SerialNumber;
    }

    public ValueTask DisposeAsync()
    {
        self.Dispose();
        key.Dispose();
        Directory.Delete(directory, recursive: true);
        return ValueTask.CompletedTask;
    }

    private static void Replace(string path, string text)
    {
        File.WriteAllText($"{path}.new", text);
        File.Move($"{path}.new", path, overwrite: true);
    }
}
